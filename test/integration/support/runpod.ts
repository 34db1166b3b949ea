import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { runpodVariables } from "../../../src/endpoints/pool/variables.ts";
import { endpointOf, KEY, type Serving } from "../../support/serving.ts";

const VENV = process.env["LIGASE_TEST_RUNPOD"] ?? join(import.meta.dirname, "../../../node_modules/.cache/runpod");
/** Its Python. */
export const RUNPOD_PYTHON = join(VENV, "bin/python");

/** Whether RunPod's Python package is there, with how to get it. */
export const RUNPOD = {
  "the Python package runpod, in node_modules/.cache/runpod or $LIGASE_TEST_RUNPOD (python3 -m venv there, bin/pip install runpod)":
    existsSync(RUNPOD_PYTHON),
};

/** The published client, in a process. */
export class RunpodClient {
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, (said: ClientSaid) => void>();
  #last = 0;

  constructor(url: string) {
    this.#process = spawn(RUNPOD_PYTHON, [join(import.meta.dirname, "runpod_client.py")], {
      env: { ...process.env, RUNPOD_ENDPOINT_BASE_URL: `${url}/v2` },
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (!this.#process.stdout) throw new TypeError("there is no stdout");
    createInterface(this.#process.stdout).on("line", (line) => {
      const { id, ...said } = JSON.parse(line) as ClientSaid & { readonly id: number };
      this.#asked.get(id)?.(said);
    });
  }

  /** Has it do something; what it answers, or raises. */
  say(op: string, fields: Readonly<Record<string, unknown>>): Promise<ClientSaid> {
    const id = this.#last++;
    this.#process.stdin?.write(`${JSON.stringify({ id, op, key: KEY, ...fields })}\n`);
    return new Promise((resolve) => this.#asked.set(id, resolve));
  }

  /** The same, when all is well. */
  async do(op: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> {
    const said = await this.say(op, fields);
    if (said.raised !== undefined) throw new Error(`${op}: ${said.raised}: ${said.message}`);
    return said.value;
  }

  run(endpoint: string, input: unknown): Promise<string> {
    return this.do("run", { endpoint, input }).then(String);
  }

  job(job: string, call: "status" | "output" | "stream" | "cancel", timeout = 0): Promise<unknown> {
    return this.do("job", { job, call, timeout });
  }

  async close(): Promise<void> {
    await end(this.#process);
  }
}

interface ClientSaid {
  readonly value?: unknown;
  readonly raised?: string;
  readonly message?: string;
  /** Of HTTP. */
  readonly status?: number | null;
}

/** Starts the published worker for an endpoint, with a handler of the kind that its name says. */
export function startRunpodWorker(serving: Serving, endpoint: string, kind = endpoint): { close(): Promise<void> } {
  const { id, token } = serving.worker(endpoint);
  const worker = spawn(RUNPOD_PYTHON, [join(import.meta.dirname, "runpod_worker.py"), kind], {
    env: { ...process.env, ...runpodVariables({ live: endpointOf(endpoint), id, token }, serving.url) },
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  return { close: () => end(worker) };
}

/** Ends a process and those that it started: its heartbeat outlives it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const group = child.pid !== undefined && child.spawnargs.some((arg) => arg.endsWith("runpod_worker.py"));
  if (group && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  else child.kill("SIGKILL");
  await ended;
}
