import { LigaseError } from "../../kernel/index.ts";
import { openProject, findProject } from "../../project/project.ts";
import type { Remote } from "../../remote/index.ts";
import { openRemote } from "../../remote/index.ts";
import { developApp } from "../deploy/dev.ts";
import { REMOTE, type RemoteFlags, remoteOf, storeDirOf } from "../remote.ts";
import { serverLog } from "../serve/log.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { defineCommand } from "./command.ts";

/** `ligase dev` */
export const dev = defineCommand(
  {
    usage: "dev <app>",
    about: [
      "Deploys a file, and again whenever you save it or a file that it imports, until Ctrl+C; prints what its workers write. Code that cannot be deployed is shown as what is wrong with it, and what served goes on serving.",
      "It uses the server that runs for this project, or starts one. At the end the app is as it was before: removed, or back at the version that was live; --keep leaves the last one.",
    ],
    examples: ["ligase dev app.ts", "ligase dev app.py --keep"],
    options: {
      app: { type: "text", value: "<name>", doc: "what the app is called (after its project and file)" },
      keep: { type: "boolean", doc: "leave the last version deployed at the end" },
      ...REMOTE,
    },
  },
  { least: 1, most: 1 },
  async ({ options, words: [word = ""] }, terminal) => {
    const { app, keep, context } = options;
    const ended = untilStopped();
    const { remote, close, store } = await serverOf(options, terminal);
    try {
      const flags = [
        ...(app === undefined ? [] : ["--app", app]),
        ...(context === undefined ? [] : ["--context", context]),
        ...(store === undefined ? [] : ["--store", store]),
      ];
      return await developApp({ word, flags, remote, keep }, ended, terminal);
    } finally {
      await close();
    }
  },
);

/** The server that is meant, and the folder of its store to name it by; one is started where none runs. */
async function serverOf(
  flags: RemoteFlags,
  terminal: Terminal,
): Promise<{ readonly remote: Remote; readonly store: string | undefined; close(): Promise<void> }> {
  try {
    const remote = await remoteOf(flags);
    // One that was killed left its address behind.
    await remote.ask("GET", "/server");
    return { remote, store: flags.store, close: async () => {} };
  } catch (error) {
    const isNone = error instanceof LigaseError && error.code === "LIGASE_E_NO_SERVER";
    if (!isNone || flags.context !== undefined) throw error;
  }
  const { startServer } = await import("../../server/index.ts");
  const store = await storeDirOf(flags.store);
  const project = await openProject(findProject(process.cwd()), { store });
  const { log } = await serverLog("text", terminal);
  const { host, port, url } = project.settings.server;
  const server = await startServer({ project, host, port, url, log });
  terminal.note(terminal.style("dim", `serving ${store} at ${server.url}`));
  return {
    remote: openRemote(store),
    store,
    async close() {
      await server.stop(1000);
      await project.close();
    },
  };
}

/** Waits for Ctrl+C; asked again, it ends at once. */
function untilStopped(): Promise<void> {
  return new Promise((stop) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        stop();
      });
    }
  });
}
