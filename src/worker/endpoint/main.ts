/**
 * The program of a worker for endpoints and web apps in TypeScript: imports the app's bundle, finds the export, gets it
 * ready, and takes jobs (or answers requests) until it is ended.
 *
 * @module
 */
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { importBundle } from "../../code/bundle/import.ts";
import { taskAtom } from "../../expr/index.ts";
import { fileAtoms, setProjectDir } from "../../files/index.ts";
import { Codec } from "../../kernel/index.ts";
import { setStoreDir } from "../../volumes/place.ts";
import { endpointOf } from "./handler.ts";
import { START_FAILURE } from "./index.ts";
import { ENDPOINT_SETTINGS, type EndpointWorkerSettings } from "./protocol.ts";
import { endOf, JobServer } from "./serve.ts";

const settings = JSON.parse(process.env[ENDPOINT_SETTINGS] ?? "null") as EndpointWorkerSettings;
// The user's code has no business with the token.
delete process.env[ENDPOINT_SETTINGS];
const { codeDir, program } = settings;
/** Where the worker does not see the store: a place that nothing is in. */
const storeDir = settings.storeDir === "" ? "/dev/null/store" : settings.storeDir;
setProjectDir(codeDir);
setStoreDir(storeDir);

/** When what was compiled is kept for the next worker, if it is kept at all: workers are ended by signals. Milliseconds. */
const KEPT_AFTER_MS = 1000;

/** Says why it cannot start, in a line that stands last: it is what people are shown. */
async function giveUp(at: "import" | "onStart", error: unknown): Promise<never> {
  const { writeSync } = await import("node:fs");
  const { mapStack } = await import("../../code/stack.ts");
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error && error.stack !== undefined ? `${mapStack(error.stack)}\n` : "";
  writeSync(2, `${stack}${START_FAILURE}at ${at}: ${text.split("\n", 1)[0]}\n`);
  process.exit(1);
}

async function start(): Promise<void> {
  setTimeout(flushCompileCache, KEPT_AFTER_MS).unref();
  if (program.kind === "python") throw new Error("a program in Python is not for this worker");
  const module = await importBundle(join(codeDir, program.bundle), codeDir).catch((error: unknown) =>
    giveUp("import", error),
  );
  if (program.kind === "web") {
    const { webAppOf, serveWeb } = await import("./web.ts");
    const app = await webAppOf(module, program.export).catch((error: unknown) => giveUp("import", error));
    await app.onStart().catch((error: unknown) => giveUp("onStart", error));
    return serveWeb(app.fetch, program.listen);
  }
  const answering = await endpointOf(module, program.export, settings).catch((error: unknown) =>
    giveUp("import", error),
  );
  await Promise.try(() => answering.options.onStart?.()).catch((error: unknown) => giveUp("onStart", error));
  const atoms = fileAtoms({ storeDir, root: codeDir });
  const codec = new Codec([...atoms, taskAtom((name) => module.tasks.get(name))]);
  await new JobServer(settings, answering, codec).serve().catch((error: unknown) => {
    const why = endOf(error);
    if (why === undefined) throw error;
    console.error(`${START_FAILURE}${why}`);
    process.exit(1);
  });
}

await start();
