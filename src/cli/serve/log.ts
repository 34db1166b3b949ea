import type { Log } from "../../kernel/index.ts";
import type { RequestFacts } from "../../server/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";

/** Where a server says what it does. */
export interface ServerLog {
  readonly log: Log;
  /** Tells of a request. */
  request(facts: RequestFacts): void;
}

/**
 * How a server writes to stderr: lines for people, or a line of JSON for each thing it says, as log collectors take them.
 *
 * @param form - `text` (also where nothing is said), or `json`
 * @throws LigaseError `LIGASE_E_FLAG` for another one
 */
export async function serverLog(form: string | undefined, terminal: Terminal): Promise<ServerLog> {
  switch (form) {
    case undefined:
    case "text":
      return {
        log: {
          debug() {},
          info: (message) => terminal.note(terminal.style("dim", message)),
          warn: (message) => terminal.note(`${terminal.style("warn", "warning")} ${message}`),
        },
        request: (facts) => terminal.note(JSON.stringify(facts)),
      };
    case "json":
      return jsonLog();
    default:
      throw usageError("LIGASE_E_FLAG", `--logs ${form} is no form of logs`, "there are text and json");
  }
}

/** Written at once, and not when there is time for it: the last line before an end is the one that is wanted. */
async function jsonLog(): Promise<ServerLog> {
  const { pino } = await import("pino");
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ dest: 2, sync: true }),
  );
  return {
    log: {
      debug: (message, facts) => logger.debug(facts ?? {}, message),
      info: (message, facts) => logger.info(facts ?? {}, message),
      warn: (message, facts) => logger.warn(facts ?? {}, message),
    },
    request: ({ time, ...facts }) => logger.info({ ...facts, begun: time }, "request"),
  };
}
