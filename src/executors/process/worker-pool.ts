import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "../../kernel/index.ts";
import {
  type FromWorker,
  jsonLines,
  WORKER_PROGRAM,
  WORKER_SETTINGS,
  type WorkerSettings,
} from "../../worker/index.ts";
import type { Launcher } from "./launcher.ts";
import { WorkerProcess } from "./worker-process.ts";

/** The kernel's limit for the path of a socket is 104 bytes (macOS) or 108. */
const LONGEST_SOCKET = 100;

/** What the workers of a pool have in common. */
export interface WorkerPoolOptions {
  readonly launcher: Launcher;
  readonly root: string;
  readonly storeDir: string;
  /** How long an idle worker is kept, in milliseconds. */
  readonly idleMs: number;
  readonly log: Log;
}

/** A worker that has nothing to do. */
interface Idle {
  readonly worker: WorkerProcess;
  readonly timer: NodeJS.Timeout;
}

/**
 * Warm worker processes. A job takes an idle one that has imported its bundle and has a heap of the
 * right size, or starts one; afterwards the worker is kept for the next.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #idle = new Map<string, Idle[]>();
  readonly #byToken = new Map<string, WorkerProcess>();
  #server: Promise<{ server: Server; dir: string }> | undefined;
  #count = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * A worker for one job; give it back with {@link WorkerPool.release}, unless it ended.
   *
   * @param memory - bytes that the job asked for: the limit of the heap; 0 for Node's own
   */
  async acquire(bundle: string, memory: number): Promise<WorkerProcess> {
    const idle = this.#idle.get(keyOf(bundle, memory))?.pop();
    if (!idle) return this.#start(bundle, memory);
    clearTimeout(idle.timer);
    return idle.worker;
  }

  /** The worker's job is over. */
  release(worker: WorkerProcess, bundle: string, memory: number): void {
    if (![...this.#byToken.values()].includes(worker)) return;
    worker.clearOutput();
    const key = keyOf(bundle, memory);
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
    if (!this.#server) return;
    const { server, dir } = await this.#server;
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }

  async #start(bundle: string, memory: number): Promise<WorkerProcess> {
    const { launcher, root, storeDir } = this.#options;
    const { dir } = await (this.#server ??= this.#listen());
    const token = randomBytes(16).toString("hex");
    const settings: WorkerSettings = { socket: join(dir, "socket"), token, bundle, root, storeDir };
    const [stdout, stderr] = [join(dir, `${++this.#count}.out`), join(dir, `${this.#count}.err`)];
    const heap = memory > 0 ? [`--max-old-space-size=${heapOf(memory)}`] : [];
    const worker: WorkerProcess = new WorkerProcess(
      stdout,
      stderr,
      (started) =>
        launcher.spawn(
          {
            command: [
              process.execPath,
              "--disable-warning=ExperimentalWarning",
              ...heap,
              fileURLToPath(WORKER_PROGRAM),
            ],
            env: { [WORKER_SETTINGS]: JSON.stringify(settings) },
            cwd: root,
            stdout,
            stderr,
          },
          started,
        ),
      () => this.#forget(token, worker),
    );
    this.#byToken.set(token, worker);
    return worker;
  }

  #forget(token: string, worker: WorkerProcess): void {
    this.#byToken.delete(token);
    for (const list of this.#idle.values()) {
      const at = list.findIndex((idle) => idle.worker === worker);
      if (at >= 0) clearTimeout(list.splice(at, 1)[0]?.timer);
    }
  }

  async #listen(): Promise<{ server: Server; dir: string }> {
    // `mkdtemp` makes it for this user alone, and so the socket in it.
    const inTmp = join(tmpdir(), "ligase-");
    const dir = mkdtempSync(inTmp.length + 6 + "/socket".length > LONGEST_SOCKET ? "/tmp/ligase-" : inTmp);
    const server = createServer((socket) => this.#greet(socket));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(join(dir, "socket"), resolve));
    server.unref();
    return { server, dir };
  }

  /** Nothing a process says counts until it has shown its token. */
  #greet(socket: Socket): void {
    let worker: WorkerProcess | undefined;
    socket.unref();
    socket.on("error", (error) => this.#options.log.debug(`a worker's socket failed: ${error.message}`));
    socket.setEncoding("utf8").on(
      "data",
      jsonLines<FromWorker>((message) => {
        if (worker) return worker.handle(message);
        worker = message.ev === "hello" ? this.#byToken.get(message.token) : undefined;
        if (worker) worker.attach(socket);
        else socket.destroy();
      }),
    );
  }
}

const MIB = 2 ** 20;

/** The part of a memory request, in MiB, that the heap may take: the rest is for buffers and code. */
function heapOf(memory: number): number {
  return Math.max(32, Math.floor((memory * 0.9) / MIB));
}

function keyOf(bundle: string, memory: number): string {
  return `${memory > 0 ? heapOf(memory) : ""}:${bundle}`;
}
