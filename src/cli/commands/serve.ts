import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { parseDuration } from "../../kernel/index.ts";
import { findProject, openProject } from "../../project/project.ts";
import { startServer } from "../../server/index.ts";
import { serverLog } from "../serve/log.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, STORE } from "./command.ts";

/** How long jobs that run may go on when the server is told to end. */
const GRACE = "30s";

/** `ligase serve` */
export const serve = defineCommand(
  {
    usage: "serve",
    about: [
      "Serves this project, until Ctrl+C: the endpoints and web apps that ligase deploy brought, their queue and workers, runs that are handed in, and the outputs of tasks. It answers this machine alone, unless --host says otherwise.",
      "Commands and programs of this user find it by themselves. Others need a key: ligase key create. Links to outputs open without one, for they are signed.",
      "Told to end (Ctrl+C, SIGTERM), it takes no more jobs and lets those that run finish, for as long as --grace says; told again, it ends at once. What waits is there again at the next start.",
      "It takes port 4747, or a free one where that is taken.",
    ],
    examples: ["ligase serve", "ligase serve --port 8080 --verbose", "ligase serve --host 0.0.0.0 --logs json"],
    options: {
      port: { type: "number", value: "<n>", doc: "the port (4747, or a free one)" },
      host: {
        type: "text",
        value: "<address>",
        doc: "the address to listen on (127.0.0.1); 0.0.0.0 for all of this machine's",
      },
      grace: { type: "text", value: "<duration>", doc: `how long jobs may finish at the end (${GRACE})` },
      logs: { type: "text", value: "<text|json>", doc: "how it writes to stderr: lines for people, or JSON (text)" },
      verbose: { type: "boolean", doc: "write a line for each request" },
      open: { type: "boolean", doc: "open it in a browser" },
      store: { ...STORE.store, doc: "the store to serve (that of the project around here)" },
    },
  },
  {},
  async ({ options }, terminal) => {
    const { port } = options;
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw usageError(
        "LIGASE_E_FLAG",
        `--port ${port} is no port`,
        "name one from 1024 to 65535, or 0 for a free one",
      );
    }
    const graceMs = graceOf(options.grace);
    const { log, request } = await serverLog(options.logs, terminal);
    const flags = options.store === undefined ? {} : { store: resolve(options.store) };
    const project = await openProject(findProject(process.cwd()), flags);
    try {
      const { storeDir, server: said } = project.settings;
      const server = await startServer({
        project,
        host: options.host ?? said.host,
        port: port ?? said.port,
        url: said.url,
        log,
        ...(options.verbose && { onRequest: request }),
      });
      if (!server.isLocal) {
        log.warn(
          "others can reach this server: every call needs a key, but nothing is encrypted on the way, and whoever has a link to an output can open it",
        );
      }
      const stopped = untilStopped();
      terminal.out(`serving ${storeDir} at ${server.url}`);
      log.info("commands here find it; a key for other programs: ligase key create <name>; Ctrl+C ends this");
      if (options.open) open(server.url, terminal);
      await stopped;
      log.info("ending: what runs may finish; Ctrl+C ends it at once");
      await server.stop(graceMs);
      return 0;
    } finally {
      await project.close();
    }
  },
);

function graceOf(text: string | undefined): number {
  try {
    return parseDuration(text ?? GRACE);
  } catch {
    throw usageError("LIGASE_E_FLAG", `--grace ${text} is no duration`, "write it as 30s or 5min");
  }
}

/** Waits for Ctrl+C, or to be asked to end; asked again, it ends at once. */
function untilStopped(): Promise<void> {
  return new Promise((stop) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        // What is recorded is safe at any moment; workers end with this process.
        if (asked) process.exit(1);
        asked = true;
        stop();
      });
    }
  });
}

function open(url: string, terminal: Terminal): void {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(program, [url], { stdio: "ignore", detached: true });
  child.once("error", () => terminal.note(`there is no ${program} here: open ${url} by hand`));
  child.unref();
}
