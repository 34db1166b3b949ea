import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Socket } from "node:net";
import type { Log } from "../../kernel/index.ts";
import { jsonLines } from "../../worker/protocol.ts";
import { killStraysOfJob, signalGroup } from "./proc.ts";
import type {
  DoneReport,
  ExitReport,
  Held,
  KillReason,
  LauncherReport,
  LauncherRequest,
  LauncherSettings,
  RunRequest,
  SpawnRequest,
} from "./protocol.ts";

/** Told when a job's or a process's leader is known. */
export type OnStarted = (leader: { pgid: number; pidStarted: string }, limits: string | null) => void;

/** Something the launcher has started, or will once there is room. */
export interface Launched<Report> {
  /** Never rejects: a launcher that dies makes it a report without a status. */
  readonly over: Promise<Report>;
  /** Ends it: SIGTERM to its process group, after the grace (milliseconds; by default the launcher's) SIGKILL. */
  kill(reason: KillReason, job: string, graceMs?: number): void;
  /** Waits until all that it has written is in its logs: with secrets these lag behind. */
  flush(): Promise<void>;
}

interface Pending {
  readonly job: string | null;
  readonly onStarted: OnStarted;
  readonly settle: (report: DoneReport | ExitReport | null) => void;
  pgid: number;
}

const NOT_HELD: Held = { limits: null, refusedForks: 0, diskUsed: 0 };

const LOST_JOB: Omit<DoneReport, "id"> = {
  ev: "done",
  status: null,
  wallMs: 0,
  cpuMs: null,
  peakMemory: null,
  out: 0,
  err: 0,
  killed: null,
  outOfMemory: false,
  truncated: false,
  leftovers: [],
  refused: null,
  ...NOT_HELD,
};

const LOST_PROCESS: Omit<ExitReport, "id"> = {
  ev: "exit",
  code: null,
  signal: null,
  cpuMs: null,
  peakMemory: null,
  killed: null,
  outOfMemory: false,
  refused: null,
  ...NOT_HELD,
};

/**
 * The engine's side of the launcher process. The process is started by the first request, or by
 * {@link Launcher.warm} before it; it does not keep the engine's process alive while it has
 * nothing to do.
 */
export class Launcher {
  readonly #settings: LauncherSettings;
  readonly #log: Log;
  readonly #pending = new Map<number, Pending>();
  readonly #flushes = new Map<number, () => void>();
  readonly #probes = new Map<number, (version: string | null | undefined) => void>();
  #process: ChildProcess | undefined;
  #channel: Socket | undefined;
  #held = false;
  #closing = false;
  #outbox = "";
  #nextId = 1;

  constructor(settings: Omit<LauncherSettings, "nodeOptions" | "stateDir"> & { stateDir?: string }, log: Log) {
    this.#settings = { stateDir: null, ...settings, nodeOptions: process.env["NODE_OPTIONS"] ?? null };
    this.#log = log;
  }

  /** Starts the process ahead of the first request: 40 ms that can pass while code is loaded. */
  warm(): void {
    if (!this.#process) this.#start();
  }

  /** Keeps this process alive for as long as jobs run. */
  hold(): void {
    this.#held = true;
    this.#process?.ref();
    this.#channel?.ref();
  }

  /** Lets this process end when it has nothing else to do; the launcher ends with it. */
  letGo(): void {
    this.#held = false;
    this.#process?.unref();
    this.#channel?.unref();
  }

  /** Runs a work directory's `.command.sh`. */
  run(request: Omit<RunRequest, "op" | "id">, onStarted: OnStarted): Launched<DoneReport> {
    const id = this.#nextId++;
    return this.#launch({ op: "run", id, ...request }, request.job, onStarted, (report) =>
      report?.ev === "done" ? report : { ...LOST_JOB, id },
    );
  }

  /** Starts a process that lives on, in a process group of its own. */
  spawn(request: Omit<SpawnRequest, "op" | "id">, onStarted: OnStarted): Launched<ExitReport> {
    const id = this.#nextId++;
    return this.#launch({ op: "spawn", id, ...request }, null, onStarted, (report) =>
      report?.ev === "exit" ? report : { ...LOST_PROCESS, id },
    );
  }

  /**
   * The version of a program, as it says itself or as its package does: null when neither does,
   * undefined when the launcher ended before it was found out.
   */
  probe(path: string): Promise<string | null | undefined> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#probes.set(id, resolve);
      this.#send({ op: "probe", id, path });
    });
  }

  /** Removes a directory, some time soon. */
  remove(dir: string): void {
    this.#send({ op: "remove", dir });
  }

  /** Ends all that runs, finishes the removals, and ends the process. */
  async close(): Promise<void> {
    const child = this.#process;
    // One that has ended is known until its last reports are read.
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#closing = true;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    this.hold();
    this.#send({ op: "close" });
    await exited;
  }

  #launch<Report>(
    request: RunRequest | SpawnRequest,
    job: string | null,
    onStarted: OnStarted,
    read: (report: DoneReport | ExitReport | null) => Report,
  ): Launched<Report> {
    const over = new Promise<Report>((resolve) => {
      const settle = (report: DoneReport | ExitReport | null): void => resolve(read(report));
      this.#pending.set(request.id, { job, onStarted, settle, pgid: 0 });
    });
    this.#send(request);
    const { id } = request;
    return {
      over,
      kill: (reason, job, graceMs) =>
        this.#send({ op: "kill", id, reason, job, ...(graceMs !== undefined && { graceMs }) }),
      flush: () => (Object.keys(request.confinement?.secrets ?? {}).length > 0 ? this.#flushed(id) : Promise.resolve()),
    };
  }

  #flushed(id: number): Promise<void> {
    const asked = this.#nextId++;
    return new Promise((resolve) => {
      this.#flushes.set(asked, resolve);
      this.#send({ op: "flush", id, asked });
    });
  }

  /** Requests of one turn of the event loop leave in one write. */
  #send(request: LauncherRequest): void {
    this.warm();
    if (this.#outbox === "") queueMicrotask(() => this.#flush());
    this.#outbox += `${JSON.stringify(request)}\n`;
  }

  #flush(): void {
    this.#channel?.write(this.#outbox);
    this.#outbox = "";
  }

  #start(): void {
    // As TypeScript in the repository, as JavaScript in the package.
    const program = new URL(`launcher-main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", fileURLToPath(program)], {
      // A session of its own: Ctrl+C at the terminal reaches the engine alone, who decides what ends.
      detached: true,
      env: { ...env, LIGASE_LAUNCHER_SETTINGS: JSON.stringify(this.#settings) },
      stdio: ["ignore", "ignore", "inherit", "pipe"],
    });
    const channel = child.stdio[3];
    if (!(channel instanceof Socket)) throw new TypeError("the launcher has no channel");
    channel.setEncoding("utf8");
    channel.on(
      "data",
      jsonLines<LauncherReport>((report) => this.#handle(report)),
    );
    channel.on("error", (error) => this.#log.debug(`the launcher's channel failed: ${error.message}`));
    let gone = false;
    const over = (why: string): void => {
      if (gone) return;
      gone = true;
      this.#process = undefined;
      this.#channel = undefined;
      this.#lost(why);
    };
    child.on("error", (error) => over(error.message));
    // Not `exit`: reports that were written before it are still to be read.
    child.on("close", (code, signal) => over(signal ?? `exit status ${code}`));
    this.#process = child;
    this.#channel = channel;
    if (!this.#held) this.letGo();
  }

  /** The launcher died: so does what it ran. */
  #lost(why: string): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const resolve of this.#probes.values()) resolve(undefined);
    this.#probes.clear();
    for (const resolve of this.#flushes.values()) resolve();
    this.#flushes.clear();
    // Warm workers end with a launcher that was closed: that is no loss.
    if (pending.length > 0 && !this.#closing)
      this.#log.warn(`the launcher ended (${why}); its ${pending.length} jobs are lost`);
    for (const { pgid, job, settle } of pending) {
      signalGroup(pgid, "SIGKILL");
      if (job !== null) killStraysOfJob(job);
      settle(null);
    }
  }

  #handle(report: LauncherReport): void {
    if (report.ev === "warning") return this.#log.warn(report.message);
    if (report.ev === "notice") return this.#log.info(report.message);
    if (report.ev === "probed") {
      this.#probes.get(report.id)?.(report.version);
      this.#probes.delete(report.id);
      return;
    }
    if (report.ev === "flushed") {
      this.#flushes.get(report.asked)?.();
      this.#flushes.delete(report.asked);
      return;
    }
    const pending = this.#pending.get(report.id);
    if (!pending) return;
    if (report.ev === "started") {
      pending.pgid = report.pgid;
      return pending.onStarted({ pgid: report.pgid, pidStarted: report.since }, report.limits);
    }
    this.#pending.delete(report.id);
    pending.settle(report);
  }
}
