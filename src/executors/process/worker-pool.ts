import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../kernel/index.ts";
import { type FromWorker, jsonLines } from "../../worker/index.ts";
import type { Launcher } from "./launcher.ts";
import type { WorkerPlan } from "./worker-plan.ts";
import { WorkerProcess } from "./worker-process.ts";
import { prepareWorker, type StartOptions } from "./worker-start.ts";

/** The kernel's limit for the path of a socket is 104 bytes (macOS) or 108. */
const LONGEST_SOCKET = 100;
/** More than a `hello` takes: what a process may send before it has shown its token. */
const LONGEST_HELLO = 4096;
/** How long closed workers may take to end, in milliseconds. */
const FAREWELL_MS = 1000;

/** What the workers of a pool have in common. */
export interface WorkerPoolOptions extends StartOptions {
  readonly launcher: Launcher;
  /** How long an idle worker is kept, in milliseconds. */
  readonly idleMs: number;
  readonly log: Log;
}

/** A worker with what was made for it. */
interface Kept {
  /** Removes that: when it has ended, and nobody has its job any more. */
  readonly tidy: () => void;
  busy: boolean;
  ended: boolean;
}

/** A worker that has nothing to do. */
interface Idle {
  readonly worker: WorkerProcess;
  readonly timer: NodeJS.Timeout;
}

/** Where the workers of a pool meet the engine. */
interface Place {
  readonly server: Server;
  /** Of this user alone: logs of workers lie in it. */
  readonly dir: string;
  /** In it, with the socket and nothing else. */
  readonly socketDir: string;
}

/**
 * Warm worker processes. A job takes an idle one that was started for its plan, or has one started; afterwards the
 * worker is kept for the next.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #idle = new Map<string, Idle[]>();
  readonly #kept = new Map<WorkerProcess, Kept>();
  /** Those that were started and have not said hello, by their token. */
  readonly #awaited = new Map<string, WorkerProcess>();
  #place: Promise<Place> | undefined;
  #count = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** A worker for one job; give it back with {@link WorkerPool.release}, whatever became of it. */
  async acquire(plan: WorkerPlan): Promise<WorkerProcess> {
    const idle = this.#idle.get(plan.key)?.pop();
    if (!idle) return this.#start(plan);
    clearTimeout(idle.timer);
    const kept = this.#kept.get(idle.worker);
    if (kept) kept.busy = true;
    return idle.worker;
  }

  /** The worker's job is over, and nothing of it is needed any more. */
  release(worker: WorkerProcess): void {
    const kept = this.#kept.get(worker);
    if (!kept) return;
    kept.busy = false;
    if (kept.ended) return this.#forget(worker, kept);
    worker.clearOutput();
    const { key } = worker.plan;
    const list = this.#idle.get(key) ?? [];
    this.#idle.set(key, list);
    const timer = setTimeout(() => {
      list.splice(list.indexOf(idle), 1);
      worker.close();
    }, this.#options.idleMs).unref();
    const idle = { worker, timer };
    list.push(idle);
  }

  /** Ends the idle workers and the socket; those at work are ended by whoever gave them work. */
  async close(): Promise<void> {
    for (const list of this.#idle.values()) {
      for (const { worker, timer } of list.splice(0)) {
        clearTimeout(timer);
        worker.close();
      }
    }
    if (!this.#place) return;
    const { server, dir } = await this.#place;
    // What they leave is removed when they are gone.
    const leaving = [...this.#kept.keys()].filter(({ scratch }) => scratch !== null).map(({ gone }) => gone);
    const enough = new AbortController();
    const patience = delay(FAREWELL_MS, undefined, { signal: enough.signal }).catch(() => {});
    await Promise.race([Promise.all(leaving), patience]);
    enough.abort();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }

  async #start(plan: WorkerPlan): Promise<WorkerProcess> {
    const { dir, socketDir } = await (this.#place ??= this.#listen());
    const token = randomBytes(16).toString("hex");
    const own = join(dir, String(++this.#count));
    const start = prepareWorker(plan, { socketDir, token, ownDir: own }, this.#options);
    const worker = new WorkerProcess(
      plan,
      start,
      { stdout: `${own}.out`, stderr: `${own}.err` },
      this.#options.launcher,
    );
    const kept: Kept = { tidy: () => start.tidy(), busy: true, ended: false };
    this.#awaited.set(token, worker);
    this.#kept.set(worker, kept);
    void worker.gone.then(() => {
      kept.ended = true;
      this.#awaited.delete(token);
      if (!kept.busy) this.#forget(worker, kept);
    });
    return worker;
  }

  #forget(worker: WorkerProcess, { tidy }: Kept): void {
    this.#kept.delete(worker);
    for (const list of this.#idle.values()) {
      const at = list.findIndex((idle) => idle.worker === worker);
      if (at >= 0) clearTimeout(list.splice(at, 1)[0]?.timer);
    }
    tidy();
  }

  async #listen(): Promise<Place> {
    // `mkdtemp` makes it for this user alone, and so what is in it.
    const inTmp = join(tmpdir(), "ligase-");
    const long = inTmp.length + 6 + "/head/socket".length > LONGEST_SOCKET;
    const dir = mkdtempSync(long ? "/tmp/ligase-" : inTmp);
    const socketDir = join(dir, "head");
    mkdirSync(socketDir, { mode: 0o700 });
    const server = createServer((socket) => this.#greet(socket));
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(join(socketDir, "socket"), resolve),
    );
    server.unref();
    return { server, dir, socketDir };
  }

  /** Nothing a process says counts until it has shown its token, which is good for one. */
  #greet(socket: Socket): void {
    let worker: WorkerProcess | undefined;
    let heard = 0;
    socket.unref();
    const refuse = (why: string): void => {
      this.#options.log.debug(`a worker's socket: ${why}`);
      worker?.kill("cancelled", "");
      socket.destroy();
    };
    const read = jsonLines<FromWorker>((message) => {
      if (worker) return worker.handle(message);
      if (message.ev !== "hello") return socket.destroy();
      worker = this.#awaited.get(message.token);
      this.#awaited.delete(message.token);
      if (worker) worker.attach(socket);
      else socket.destroy();
    });
    socket.on("error", (error) => refuse(error.message));
    // A process that closes its socket and goes on can neither be given work nor answer.
    socket.on("close", () => setTimeout(() => worker?.kill("cancelled", ""), FAREWELL_MS).unref());
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      if (!worker && (heard += chunk.length) > LONGEST_HELLO) return refuse("too much before a hello");
      try {
        read(chunk);
      } catch (error) {
        // No worker of ours says what is no JSON: something else writes to its socket.
        refuse(error instanceof Error ? error.message : String(error));
      }
    });
  }
}
