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
import { closeSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { jsonLines } from "../../worker/protocol.ts";
import { type CellEnd, signalNumber, signalOf } from "./cell.ts";
import { Cells } from "./cells.ts";
import { clearDeadGroups } from "./cgroup/index.ts";
import { Confined, type ConfinedContext } from "./confined.ts";
import { killStraysOfLauncher } from "./proc.ts";
import type {
  Confinement,
  ExitReport,
  LauncherReport,
  LauncherRequest,
  LauncherSettings,
  RunRequest,
  SpawnRequest,
} from "./protocol.ts";
import { Pipes } from "./redacted-log.ts";
import { removeDeadContainers } from "./remote.ts";
import { Remover } from "./remover.ts";
import { doneReport, type Ended, exitReport, refusal } from "./reports.ts";
import { Running } from "./running.ts";
import { Supervised } from "./supervised.ts";
import { WorkDirs } from "./work-dirs.ts";
import { WARM, Zygote, zygotesWork } from "./zygote.ts";

const LOGS = [".command.out", ".command.err"] as const;

class LauncherProcess {
  readonly #settings: LauncherSettings;
  readonly #channel: Socket;
  readonly #env: NodeJS.ProcessEnv;
  /** Appears in the environment of all that it starts, after those of the launchers above it. */
  readonly #mark: string;
  readonly #zygotesWork: boolean;
  readonly #zygotes: Zygote[] = [];
  readonly #idle: Zygote[] = [];
  // Directories kept for the next job are removed when there seems to be none.
  readonly #running = new Running(() => this.#workDirs.tidy());
  readonly #remover = new Remover((message) => this.#report({ ev: "warning", message }));
  readonly #workDirs = new WorkDirs(this.#remover);
  readonly #pipes = new Pipes();
  readonly #cells: Cells;
  #outbox = "";

  constructor(settings: LauncherSettings, channel: Socket) {
    this.#settings = settings;
    this.#channel = channel;
    const { LIGASE_LAUNCHER_SETTINGS: _, ...env } = process.env;
    this.#mark = randomUUID();
    this.#env = { ...env, LIGASE_LAUNCHER: `${env["LIGASE_LAUNCHER"] ?? ""}:${this.#mark}` };
    if (settings.nodeOptions !== null) this.#env["NODE_OPTIONS"] = settings.nodeOptions;
    this.#zygotesWork = settings.zygotes ?? zygotesWork();
    this.#cells = new Cells(this.#zygotesWork, (message) => this.#report({ ev: "notice", message }));
    channel.setEncoding("utf8");
    channel.on(
      "data",
      jsonLines<LauncherRequest>((request) => this.#handle(request)),
    );
    channel.on("error", () => this.abandon()).on("close", () => this.abandon());
    setImmediate(() => {
      clearDeadGroups();
      if (settings.stateDir !== null) removeDeadContainers(settings.stateDir);
    });
  }

  #handle(request: LauncherRequest): void {
    switch (request.op) {
      case "run":
        return this.#run(request);
      case "spawn":
        return this.#spawn(request);
      case "kill":
        return this.#running.get(request.id)?.kill(request.reason, request.job, request.graceMs);
      case "flush":
        return void this.#flush(request.id, request.asked);
      case "probe":
        return void this.#probe(request.id, request.path);
      case "remove":
        this.#workDirs.dispose(request.dir);
        return this.#running.keepTicking();
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
    if (request.confinement) return this.#runConfined(request, request.confinement);
    let leader = (): number => 0;
    const supervised = this.#watch(request, logsIn(request.dir), () => leader(), null);
    const ended = (pid: number, end: Ended): void =>
      supervised.leaderGone(pid, () => void this.#done(request, supervised, end));
    try {
      if (request.script !== null) this.#workDirs.make(request.dir, request.script);
    } catch (error) {
      return ended(0, refusal(error));
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
        ended(pid, { status, cpuMs, refused: null });
      },
      lost: () => {
        supervised.killNow();
        this.#zygotes.splice(this.#zygotes.indexOf(zygote), 1);
        ended(0, { status: null, cpuMs: null, refused: null });
      },
    });
  }

  #runConfined(request: RunRequest, confinement: Confinement): void {
    const { id, job, dir, shell, script } = request;
    const [stdout, stderr] = logsIn(dir);
    const ended = ({ pid, ...end }: CellEnd): void =>
      supervised.leaderGone(pid, () => void this.#done(request, supervised, end));
    let confined: Confined | null = null;
    let refused: Ended | null = null;
    try {
      if (script !== null) this.#workDirs.make(dir, script);
      const command = [shell, ".command.sh"];
      const env = { LIGASE_JOB: job };
      const start = { name: `${job}.${id}`, confinement, command, env, cwd: dir, stdout, stderr, scratch: dir };
      confined = new Confined(this.#context, start, ended);
    } catch (error) {
      refused = refusal(error);
    }
    const supervised = this.#watch(request, [stdout, stderr], () => confined?.leader() ?? 0, confined);
    if (refused) ended({ pid: 0, ...refused });
  }

  #newZygote(): Zygote {
    const zygote = new Zygote(this.#env);
    this.#zygotes.push(zygote);
    return zygote;
  }

  /** What a zygote does, for machines without a bash that can be one. */
  #spawnShell({ dir, job, shell }: RunRequest, ended: (pid: number, end: Ended) => void): ChildProcess {
    const logs = logsIn(dir).map((path) => openSync(path, "a"));
    const env = { ...this.#env, LIGASE_JOB: job };
    const child = spawn(shell, [".command.sh"], { cwd: dir, detached: true, env, stdio: ["ignore", ...logs] });
    for (const log of logs) closeSync(log);
    child.on("error", (error) => ended(0, refusal(error)));
    child.on("exit", (code, signal) =>
      ended(child.pid ?? 0, { status: code ?? 128 + signalNumber(signal), cpuMs: null, refused: null }),
    );
    return child;
  }

  #watch(
    { id, ...request }: RunRequest | SpawnRequest,
    logs: readonly string[],
    leader: () => number,
    confined: Confined | null,
  ): Supervised {
    const { job, timeoutMs } = request.op === "run" ? request : { job: null, timeoutMs: 0 };
    const limits = confined?.enforced ?? null;
    const started = (pgid: number, since: string): void => this.#report({ ev: "started", id, pgid, since, limits });
    const supervised = new Supervised(this.#settings, { job, logs, timeoutMs, leader, started, confined });
    this.#running.add(id, supervised);
    return supervised;
  }

  async #done(request: RunRequest, supervised: Supervised, end: Ended): Promise<void> {
    // Awaited only where there is something to wait for: most jobs end here and now.
    const found = supervised.confined ? await supervised.confined.finish() : null;
    this.#running.remove(request.id);
    const report = doneReport(request, supervised, end, found);
    this.#report(report);
    const { status, out, err, leftovers, killed } = report;
    if (request.discard && status === 0 && out + err === 0 && leftovers.length === 0 && killed === null)
      this.#workDirs.dispose(request.dir);
  }

  #spawn(request: SpawnRequest): void {
    if (request.confinement) return this.#spawnConfined(request, request.confinement);
    const { command, env, cwd, stdout, stderr } = request;
    const [program = "", ...args] = command;
    const logs = [stdout, stderr].map((path) => openSync(path, "a"));
    const child = spawn(program, args, {
      cwd,
      detached: true,
      env: { ...this.#env, ...env },
      stdio: ["ignore", ...logs],
    });
    for (const log of logs) closeSync(log);
    const supervised = this.#watch(request, [stdout, stderr], () => child.pid ?? 0, null);
    const over = (code: number | null, signal: string | null, refused: string | null): void =>
      supervised.leaderGone(child.pid ?? 0, () => void this.#exited(request, supervised, { code, signal, refused }));
    child.on("error", (error) => over(null, null, error.message));
    child.on("exit", (code, signal) => over(code, signal, null));
  }

  #spawnConfined(request: SpawnRequest, confinement: Confinement): void {
    const { id, command, env, cwd, stdout, stderr, scratch = null } = request;
    const ended = ({ pid, status, refused }: CellEnd): void => {
      const signal = status === null ? null : signalOf(status);
      const code = signal === null ? status : null;
      supervised.leaderGone(pid, () => void this.#exited(request, supervised, { code, signal, refused }));
    };
    let confined: Confined | null = null;
    let refused: Ended | null = null;
    try {
      const start = { name: `worker.${id}`, confinement, command, env, cwd, stdout, stderr, scratch };
      confined = new Confined(this.#context, start, ended);
    } catch (error) {
      refused = refusal(error);
    }
    const supervised = this.#watch(request, [stdout, stderr], () => confined?.leader() ?? 0, confined);
    if (refused) ended({ pid: 0, ...refused });
  }

  async #exited(
    request: SpawnRequest,
    supervised: Supervised,
    end: Pick<ExitReport, "code" | "signal" | "refused">,
  ): Promise<void> {
    const found = supervised.confined ? await supervised.confined.finish() : null;
    this.#running.remove(request.id);
    this.#report(exitReport(request, supervised, end, found));
  }

  get #context(): ConfinedContext {
    return { cells: this.#cells, pipes: this.#pipes, stateDir: this.#settings.stateDir, env: this.#env };
  }

  async #flush(id: number, asked: number): Promise<void> {
    await this.#running.get(id)?.confined?.flush();
    this.#report({ ev: "flushed", asked });
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
    const busy = this.#running.killNow();
    for (const zygote of this.#zygotes) zygote.close();
    this.#cells.close();
    this.#pipes.close();
    if (busy) killStraysOfLauncher(this.#mark);
  }

  /** The engine is gone. */
  abandon(): void {
    this.#killEverything();
    process.exit(0);
  }
}

function logsIn(dir: string): readonly [string, string] {
  return [join(dir, LOGS[0]), join(dir, LOGS[1])];
}

// Ctrl+C is the engine's business, who asks for what it wants ended; so is the end of its terminal.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});

const settings = JSON.parse(process.env["LIGASE_LAUNCHER_SETTINGS"] ?? "null") as LauncherSettings;
const launcher = new LauncherProcess(settings, new Socket({ fd: 3, readable: true, writable: true }));
process.on("SIGTERM", () => launcher.abandon());
