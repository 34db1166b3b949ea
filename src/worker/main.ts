/**
 * A worker process: imports a bundle and runs bodies of its tasks, one at a time, as the engine
 * sends them over a socket. It is started by the launcher, and ends when the engine does.
 *
 * @module
 */
import { connect } from "node:net";
import { importBundle, mapStack } from "../code/index.ts";
import { taskAtom } from "../expr/index.ts";
import { fileAtoms, setProjectDir } from "../files/index.ts";
import { Codec, errorFacts, reviveError } from "../kernel/index.ts";
import { setStoreDir } from "../volumes/place.ts";
import { runBody } from "./body.ts";
import { leftovers } from "./leftovers.ts";
import { Meter } from "./meter.ts";
import {
  type FromWorker,
  jsonLines,
  type Measured,
  type RunTask,
  type ToWorker,
  WORKER_SETTINGS,
  type WorkerSettings,
} from "./protocol.ts";

const settings = JSON.parse(process.env[WORKER_SETTINGS] ?? "null") as WorkerSettings;
// The user's code has no business with the token.
delete process.env[WORKER_SETTINGS];
const { root, storeDir, bundle, enclosed } = settings;
setProjectDir(root);
setStoreDir(storeDir);

const socket = connect(settings.socket);
const send = (message: FromWorker, sent?: () => void): void => {
  socket.write(`${JSON.stringify(message)}\n`, sent);
};
send({ ev: "hello", token: settings.token });
// The engine is gone: so is the one who wanted the result.
socket.on("close", () => process.exit(1)).on("error", () => process.exit(1));

interface Asked {
  resolve(text: string): void;
  reject(error: Error): void;
}
const NOTHING: Measured = { wallMs: 0, cpuMs: 0, peakMemory: null };
const asked = new Map<number, Asked>();
let asks = 0;
let meter: Meter | undefined;

function ask(expression: string): Promise<string> {
  const id = ++asks;
  return new Promise((resolve, reject) => {
    asked.set(id, { resolve, reject });
    send({ ev: "ask", asked: id, expression });
  });
}

/** The error as data, with the user's own lines in its stack. */
function told(thrown: unknown): ReturnType<typeof errorFacts> {
  const facts = errorFacts(thrown);
  return facts.stack === undefined ? facts : { ...facts, stack: mapStack(facts.stack) };
}

/** What nobody caught ends the process, as it does anywhere; but the engine hears what it was. */
function fatal(thrown: unknown): void {
  console.error(thrown);
  send({ ev: "failed", error: told(thrown), fatal: true, ...(meter?.read() ?? NOTHING) }, () => process.exit(1));
}
process.on("uncaughtException", fatal);

const { tasks } = await importBundle(bundle, root).catch((error: unknown) => {
  fatal(error);
  return new Promise<never>(() => {});
});
/** Copies of the URLs among the arguments of the job that runs. */
const fetched = new Map<string, string>();
const codec = new Codec([...fileAtoms({ storeDir, root, fetched }), taskAtom((name) => tasks.get(name))]);

/** What was used, and what is left of it. */
function measured(): Measured {
  const left = leftovers(enclosed);
  return { ...(meter?.read() ?? NOTHING), ...(left.length > 0 && { leftovers: left }) };
}

async function run(job: RunTask): Promise<void> {
  meter = new Meter();
  const before = new Map(Object.keys(job.env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, job.env);
  for (const [url, path] of Object.entries(job.fetched ?? {})) fetched.set(url, path);
  try {
    process.chdir(job.workDir);
    const result = await runBody({ codec, tasks, ask }, job);
    send({ ev: "done", ...result, ...measured() });
  } catch (error) {
    send({ ev: "failed", error: told(error), fatal: false, ...measured() });
  } finally {
    meter = undefined;
    fetched.clear();
    // The directory may be gone before the next job comes.
    process.chdir(root);
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

socket.setEncoding("utf8").on(
  "data",
  jsonLines<ToWorker>((message) => {
    switch (message.op) {
      case "run":
        // The engine sends each worker what it was started for.
        return "task" in message ? void run(message) : undefined;
      case "value":
        asked.get(message.asked)?.resolve(message.text);
        return void asked.delete(message.asked);
      case "error":
        asked.get(message.asked)?.reject(reviveError(message.error));
        return void asked.delete(message.asked);
      case "close":
        return void socket.end(() => process.exit(0));
    }
  }),
);
send({ ev: "ready" });
