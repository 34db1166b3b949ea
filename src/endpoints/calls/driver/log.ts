import type { Log } from "../../../kernel/index.ts";

/** What engines say goes to stderr, which the server reads. */
export const driverLog: Log = {
  debug() {},
  info: (message) => void process.stderr.write(`${message}\n`),
  warn: (message) => void process.stderr.write(`warning: ${message}\n`),
};
