import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { findProject, openProject } from "../../project/project.ts";
import { startServer } from "../../server/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, STORE } from "./command.ts";

/** `ligase serve` */
export const serve = defineCommand(
  {
    usage: "serve",
    about: [
      "Serves the outputs of this project to browsers, until Ctrl+C: links to them are printed by ligase run, ligase outputs and ligase link. It answers this machine alone, unless --host says otherwise, and only to links that are signed and have not ended.",
      "It takes port 4747, or a free one where that is taken.",
    ],
    examples: ["ligase serve", "ligase serve --port 8080 --verbose", "ligase serve --host 0.0.0.0"],
    options: {
      port: { type: "number", value: "<n>", doc: "the port (4747, or a free one)" },
      host: {
        type: "text",
        value: "<address>",
        doc: "the address to listen on (127.0.0.1); 0.0.0.0 for all of this machine's",
      },
      open: { type: "boolean", doc: "open it in a browser" },
      verbose: { type: "boolean", doc: "print a line of JSON for each request" },
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
    const flags = options.store === undefined ? {} : { store: resolve(options.store) };
    const project = await openProject(findProject(process.cwd()), flags);
    const { settings, close } = project;
    try {
      const { storeDir, server: said } = settings;
      const warn = (message: string): void => terminal.note(`${terminal.style("warn", "warning")} ${message}`);
      const server = await startServer({
        project,
        host: options.host ?? said.host,
        port: port ?? said.port,
        url: said.url,
        log: { debug() {}, info: (message) => terminal.note(message), warn },
        ...(options.verbose && { onRequest: (facts) => terminal.note(JSON.stringify(facts)) }),
      });
      if (!server.isLocal) {
        warn(
          "others can reach this server: whoever has a link to an output can open it, and links are not encrypted on the way",
        );
      }
      const stopped = untilStopped();
      terminal.out(`serving ${storeDir} at ${server.url}`);
      terminal.note(terminal.style("dim", "ligase outputs prints links; Ctrl+C ends this"));
      if (options.open) open(server.url, terminal);
      await stopped;
      await server.stop();
      return 0;
    } finally {
      await close();
    }
  },
);

/** Waits for Ctrl+C, or to be asked to end; asked again, it ends at once. */
function untilStopped(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop());
  });
}

function open(url: string, terminal: Terminal): void {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(program, [url], { stdio: "ignore", detached: true });
  child.once("error", () => terminal.note(`there is no ${program} here: open ${url} by hand`));
  child.unref();
}
