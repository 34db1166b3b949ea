/**
 * The launcher: a small process that starts, watches and ends the processes of jobs, so that the
 * engine's own, which may hold gigabytes, never has to fork (86 ms at 2 GiB, measured). It reads
 * requests and writes reports, one JSON text a line, on file descriptor 3. When that is closed
 * (the engine ended, perhaps by `kill -9`), it kills all that it has started and exits.
 *
 * @module
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { jsonLines } from "../../worker/protocol.ts";
import { killStraysOfLauncher } from "./proc.ts";
import type { LauncherReport, LauncherRequest, LauncherSettings, RunRequest, SpawnRequest } from "./protocol.ts";
import { Remover } from "./remover.ts";
import { Supervised } from "./supervised.ts";
import { WorkDirs } from "./work-dirs.ts";
import { WARM, Zygote, zygotesWork } from "./zygote.ts";

const LOGS = [".command.out", ".command.err"] as const;
const TICK_MS = 10;

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

class LauncherProcess {
  readonly #settings: LauncherSettings;
  readonly #channel: Socket;
  readonly #env: NodeJS.ProcessEnv;
  /** Appears in the environment of all that it starts, after those of the launchers above it. */
  readonly #mark: string;
  readonly #zygotesWork: boolean;
  readonly #zygotes: Zygote[] = [];
  readonly #idle: Zygote[] = [];
  readonly #running = new Map<number, Supervised>();
  readonly #remover = new Remover((message) => this.#report({ ev: "warning", message }));
  readonly #workDirs = new WorkDirs(this.#remover);
  #ticker: NodeJS.Timeout | undefined;
  #outbox = "";

  constructor(settings: LauncherSettings, channel: Socket) {
    this.#settings = settings;
    this.#channel = channel;
    const { LIGASE_LAUNCHER_SETTINGS: _, ...env } = process.env;
    this.#mark = randomUUID();
    this.#env = { ...env, LIGASE_LAUNCHER: `${env["LIGASE_LAUNCHER"] ?? ""}:${this.#mark}` };
    if (settings.nodeOptions !== null) this.#env["NODE_OPTIONS"] = settings.nodeOptions;
    this.#zygotesWork = settings.zygotes ?? zygotesWork();
    channel.setEncoding("utf8");
    channel.on(
      "data",
      jsonLines<LauncherRequest>((request) => this.#handle(request)),
    );
    channel.on("error", () => this.abandon()).on("close", () => this.abandon());
  }

  #handle(request: LauncherRequest): void {
    switch (request.op) {
      case "run":
        return this.#run(request);
      case "spawn":
        return this.#spawn(request);
      case "kill":
        return this.#running.get(request.id)?.kill(request.reason, request.job);
      case "probe":
        return void this.#probe(request.id, request.path);
      case "remove":
        this.#workDirs.dispose(request.dir);
        // Kept ones are removed when nothing has run for a moment.
        return this.#keepTicking();
      case "close":
        return void this.#close();
    }
  }

  /** Reports of one turn of the event loop leave in one write. */
  #report(report: LauncherReport): void {
    if (this.#outbox === "") {
      queueMicrotask(() => {
        this.#channel.write(this.#outbox);
        this.#outbox = "";
      });
    }
    this.#outbox += `${JSON.stringify(report)}\n`;
  }

  #run(request: RunRequest): void {
    const logs = LOGS.map((name) => join(request.dir, name));
    let leader = (): number => 0;
    const supervised = this.#watch(request.id, request.job, logs, request.timeoutMs, () => leader());
    const ended = (pid: number, status: number | null, cpuMs: number | null, refused: string | null = null): void =>
      supervised.leaderGone(pid, () => this.#done(request, supervised, status, cpuMs, refused));
    try {
      if (request.script !== null) this.#workDirs.make(request.dir, request.script);
    } catch (error) {
      return ended(0, null, null, error instanceof Error ? error.message : String(error));
    }
    if (!this.#zygotesWork) {
      const child = this.#spawnShell(request, ended);
      leader = () => child.pid ?? 0;
      return;
    }
    const zygote = this.#idle.pop() ?? this.#newZygote();
    leader = () => zygote.leader();
    zygote.run(request.job, request.dir, request.warm ? WARM : request.shell, {
      ended: (pid, status, cpuMs) => {
        this.#idle.push(zygote);
        ended(pid, status, cpuMs);
      },
      lost: () => {
        supervised.killNow();
        this.#zygotes.splice(this.#zygotes.indexOf(zygote), 1);
        ended(0, null, null);
      },
    });
  }

  #newZygote(): Zygote {
    const zygote = new Zygote(this.#env);
    this.#zygotes.push(zygote);
    return zygote;
  }

  /** What a zygote does, for machines without a bash that can be one. */
  #spawnShell(
    { dir, job, shell }: RunRequest,
    ended: (pid: number, status: number | null, cpuMs: number | null, refused: string | null) => void,
  ): ChildProcess {
    const logs = LOGS.map((name) => openSync(join(dir, name), "a"));
    const env = { ...this.#env, LIGASE_JOB: job };
    const child = spawn(shell, [".command.sh"], { cwd: dir, detached: true, env, stdio: ["ignore", ...logs] });
    for (const log of logs) closeSync(log);
    child.on("error", (error) => ended(0, null, null, error.message));
    child.on("exit", (code, signal) => ended(child.pid ?? 0, code ?? 128 + signalNumber(signal), null, null));
    return child;
  }

  #watch(id: number, job: string | null, logs: readonly string[], timeoutMs: number, leader: () => number): Supervised {
    const started = (pgid: number, since: string): void => this.#report({ ev: "started", id, pgid, since });
    const supervised = new Supervised(this.#settings, { job, logs, timeoutMs, leader, started });
    this.#running.set(id, supervised);
    this.#keepTicking();
    return supervised;
  }

  #keepTicking(): void {
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const now = performance.now();
    for (const supervised of this.#running.values()) supervised.tick(now);
    if (this.#running.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#workDirs.tidy();
  }

  #done(
    request: RunRequest,
    supervised: Supervised,
    status: number | null,
    cpuMs: number | null,
    refused: string | null,
  ): void {
    const { id, dir } = request;
    this.#running.delete(id);
    const { wallMs, killed, peakMemory, truncated, leftovers } = supervised;
    const [out = 0, err = 0] = LOGS.map((name) => sizeOf(join(dir, name)));
    const outOfMemory = status === 137 && supervised.outOfMemory;
    this.#report({
      ev: "done",
      id,
      status,
      wallMs,
      cpuMs,
      peakMemory,
      out,
      err,
      killed,
      outOfMemory,
      truncated,
      leftovers,
      refused,
    });
    if (request.discard && status === 0 && out + err === 0 && leftovers.length === 0 && killed === null)
      this.#workDirs.dispose(dir);
  }

  #spawn({ id, command, env, cwd, stdout, stderr }: SpawnRequest): void {
    const [program = "", ...args] = command;
    const logs = [stdout, stderr].map((path) => openSync(path, "a"));
    const child = spawn(program, args, {
      cwd,
      detached: true,
      env: { ...this.#env, ...env },
      stdio: ["ignore", ...logs],
    });
    for (const log of logs) closeSync(log);
    const supervised = this.#watch(id, null, [stdout, stderr], 0, () => child.pid ?? 0);
    const over = (code: number | null, signal: string | null, refused: string | null): void =>
      supervised.leaderGone(child.pid ?? 0, () => {
        this.#running.delete(id);
        const { killed, peakMemory, outOfMemory } = supervised;
        this.#report({ ev: "exit", id, code, signal, peakMemory, killed, outOfMemory, refused });
      });
    child.on("error", (error) => over(null, null, error.message));
    child.on("exit", (code, signal) => over(code, signal, null));
  }

  async #probe(id: number, path: string): Promise<void> {
    const { versionOf } = await import("./version.ts");
    this.#report({ ev: "probed", id, version: await versionOf(path, this.#env) });
  }

  async #close(): Promise<void> {
    this.#killEverything();
    this.#workDirs.tidy();
    await this.#remover.finish();
    this.#channel.end(() => process.exit(0));
  }

  #killEverything(): void {
    const busy = this.#running.size > 0;
    for (const supervised of this.#running.values()) supervised.killNow();
    for (const zygote of this.#zygotes) zygote.close();
    if (busy) killStraysOfLauncher(this.#mark);
  }

  /** The engine is gone. */
  abandon(): void {
    this.#killEverything();
    process.exit(0);
  }
}

function signalNumber(signal: string | null): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0;
}

// Ctrl+C is the engine's business, who asks for what it wants ended; so is the end of its terminal.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});

const settings = JSON.parse(process.env["LIGASE_LAUNCHER_SETTINGS"] ?? "null") as LauncherSettings;
const launcher = new LauncherProcess(settings, new Socket({ fd: 3, readable: true, writable: true }));
process.on("SIGTERM", () => launcher.abandon());
