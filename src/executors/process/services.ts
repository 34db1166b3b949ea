import { mkdirSync, rmSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import type { EngineName, EnclosureLimits, Entry, ImageEngine, Mount } from "../../images/types.ts";
import { type Log, silentLog } from "../../kernel/index.ts";
import type {
  RunningService,
  ServiceEntry,
  ServiceExit,
  ServiceLauncher,
  ServiceProcess,
  ServiceRequest,
} from "../service.ts";
import { MOST_PROCESSES, placeVolumes } from "./enclosure.ts";
import { resourceEnvironment } from "./environment.ts";
import { Launcher } from "./launcher.ts";
import { enterNamespaces } from "./namespaces.ts";
import { residentMemory } from "./proc.ts";
import type { ExitReport } from "./protocol.ts";
import { programMounts } from "./worker-mounts.ts";
import { LEAST_MEMORY } from "./worker-plan.ts";
import { nodeCommand, pythonCommand, pythonEnvironment } from "./worker-program.ts";

/** What {@link createServiceLauncher} needs. */
export interface ServiceLauncherOptions {
  /** The store's folder: folders of services are made in it. */
  readonly storeDir: string;
  /** Finds the engine of an environment. */
  readonly engine: (name: EngineName) => ImageEngine;
  /** The most a service may write to stdout or stderr, in bytes; beyond it the middle is left out. */
  readonly maxLogSize: number;
  readonly log?: Log;
}

/** Where one in an environment may write. */
const INSIDE = { HOME: "/tmp", TMPDIR: "/tmp" };
/** How long those that are running when all is closed have for their end, in milliseconds. */
const GRACE_MS = 2000;

/** The launcher of services on this machine: a small process of its own starts, watches and ends them. */
export function createServiceLauncher(options: ServiceLauncherOptions): ServiceLauncher {
  const { storeDir, maxLogSize, log = silentLog } = options;
  const stateDir = join(storeDir, "containers");
  // What a service leaves behind when it ends (a heart that goes on beating) ends with it.
  const launcher = new Launcher({ graceMs: GRACE_MS, lingerMs: 0, logCap: maxLogSize, stateDir, zygotes: null }, log);
  const running = new Set<RunningService>();
  return {
    warm: () => launcher.warm(),
    start(request, started) {
      const service = new Service(options, launcher, request, started);
      running.add(service);
      void service.over.then(() => running.delete(service));
      return service;
    },
    async close() {
      const open = [...running];
      for (const service of open) service.kill(GRACE_MS);
      await Promise.all(open.map(({ over }) => over));
      await launcher.close();
    },
  };
}

class Service implements RunningService {
  readonly over: Promise<ServiceExit>;
  readonly #request: ServiceRequest;
  readonly #cwd: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #entry: Entry | null;
  readonly #launched: ReturnType<Launcher["spawn"]>;
  #pgid = 0;
  #isOver = false;

  constructor(
    options: ServiceLauncherOptions,
    launcher: Launcher,
    request: ServiceRequest,
    started: (process: ServiceProcess) => void,
  ) {
    this.#request = request;
    const { name, secrets, stdout, stderr, environment } = request;
    const limits = limitsOf(request);
    // Named as the folders of attempts are, so that one that a crash left behind is collected with these.
    const own = join(options.storeDir, "work", `worker.${name}-0`);
    const scratch = environment || request.cwd === null ? own : null;
    this.#cwd = request.cwd ?? own;
    // By this its strays are found, as those of jobs are.
    const env = { ...environmentOf(request), LIGASE_SERVICE: name };
    this.#env = env;
    const command = commandOf(request);
    try {
      if (scratch !== null) mkdirSync(join(scratch, "tmp"), { recursive: true });
      placeVolumes(request.volumes, this.#cwd, environment !== null);
      this.#entry =
        environment &&
        options.engine(environment.engine).enter(environment, {
          name: `ligase-worker-${name}`,
          command,
          cwd: this.#cwd,
          env: { ...INSIDE, ...env, ...secrets },
          mounts: mountsOf(request, own),
          network: request.network,
          limits,
          gpus: request.gpus,
        });
    } catch (error) {
      if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
      throw error;
    }
    const confined = this.#entry || Object.keys(secrets).length > 0 || Object.values(limits).some((limit) => limit > 0);
    this.#launched = launcher.spawn(
      {
        command,
        env,
        // An entry says where it starts inside; outside that folder may be nowhere.
        cwd: environment ? own : this.#cwd,
        stdout,
        stderr,
        ...(confined && { confinement: { entry: this.#entry, limits, secrets } }),
        ...(scratch !== null && { scratch }),
      },
      (process) => {
        this.#pgid = process.pgid;
        started(process);
      },
    );
    this.over = this.#launched.over.then((report) => {
      this.#isOver = true;
      if (scratch !== null) launcher.remove(scratch);
      return exitOf(report);
    });
  }

  kill(graceMs: number): void {
    // Of one that is gone nobody asks: that would start a launcher anew, which was closed since.
    if (!this.#isOver) this.#launched.kill("cancelled", this.#request.name, graceMs);
  }

  memory(): number | null {
    return this.#isOver || this.#pgid === 0 || this.#entry?.remote ? null : residentMemory(this.#pgid);
  }

  enter(command: readonly string[]): ServiceEntry | undefined {
    if (this.#isOver || this.#pgid === 0) return undefined;
    if (this.#entry === null) return { command, cwd: this.#cwd, env: this.#env };
    if (this.#entry.remote) {
      // What the container was started with is there already.
      const { exec } = this.#entry.remote;
      return exec && { command: [...exec, ...command], cwd: "/", env: {} };
    }
    const inside = enterNamespaces(this.#pgid, command);
    // The dynamic linker would heed these in the program that enters.
    const own = Object.entries({ ...this.#request.environment?.env, ...INSIDE, ...this.#env });
    const env = Object.fromEntries(own.filter(([name]) => !name.startsWith("LD_")));
    return inside && { command: inside, cwd: "/", env };
  }
}

function commandOf({ program, environment, limits }: ServiceRequest): readonly string[] {
  const enclosed = environment !== null;
  if (program.kind === "node") return nodeCommand(program.file, enclosed, limits.memory);
  return program.kind === "python" ? pythonCommand(program.module, enclosed) : program.command;
}

function environmentOf({ program, environment, limits, gpus, env }: ServiceRequest): Record<string, string> {
  const own =
    program.kind === "python"
      ? pythonEnvironment(environment, program.folders)
      : program.kind === "node" && environment === null
        ? compileCache()
        : {};
  return { ...own, ...resourceEnvironment(limits, gpus, environment !== null), ...env };
}

/**
 * Where compiled code is kept between starts, if this process keeps any: with it a program of ours starts in half of the
 * time. Not in an environment: what runs in one must not write what others execute.
 */
function compileCache(): Record<string, string> {
  const dir = getCompileCacheDir();
  return dir === undefined ? {} : { NODE_COMPILE_CACHE: dirname(dir) };
}

/** A limit lower than what the program itself takes could not be lived with. */
function limitsOf({ program, environment, limits }: ServiceRequest): EnclosureLimits {
  const least = program.kind === "command" ? 0 : LEAST_MEMORY[program.kind];
  return {
    cpu: limits.cpu,
    memory: limits.memory > 0 ? Math.max(limits.memory, least) : 0,
    processes: environment && limits.processes === 0 ? MOST_PROCESSES : limits.processes,
    disk: environment ? limits.disk : 0,
  };
}

/** Each at the same path inside as outside, but for volumes and `/tmp`; outer ones come first. */
function mountsOf({ program, mounts, volumes, cwd }: ServiceRequest, own: string): Mount[] {
  const all = new Map<string, Mount>();
  const packages = program.kind === "node" ? program.packages : undefined;
  for (const mount of program.kind === "command" ? [] : programMounts(program.kind, packages)) all.set(mount.at, mount);
  for (const mount of mounts) all.set(mount.at, mount);
  all.set(own, { from: own, at: own, writable: true });
  // Temporary files are on the disk, where they count as disk and not as memory.
  all.set("/tmp", { from: join(own, "tmp"), at: "/tmp", writable: true });
  for (const { from, at, writable } of volumes) {
    const place = isAbsolute(at) ? at : join(cwd ?? own, at);
    all.set(place, { from, at: place, writable });
  }
  return [...all.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}

function exitOf(report: ExitReport): ServiceExit {
  const { code, signal, refused, killed, outOfMemory, peakMemory, cpuMs, diskUsed } = report;
  const beyond = killed === "memory" || killed === "disk" || killed === "processes" ? killed : null;
  return { code, signal, refused, beyond, outOfMemory, peakMemory, cpuMs, diskUsed };
}
