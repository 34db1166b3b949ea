import { type Cell, type CellEnd, kill } from "./cell.ts";
import type { Cells } from "./cells.ts";
import { DiskWatch } from "./disk-watch.ts";
import { childrenOf, signalGroup } from "./proc.ts";
import { programPath } from "./program-path.ts";
import type { Confinement, EndReason, Held } from "./protocol.ts";
import { type Pipes, RedactedLog } from "./redacted-log.ts";
import { Remote } from "./remote.ts";

/** What confined processes of one launcher share. */
export interface ConfinedContext {
  readonly cells: Cells;
  readonly pipes: Pipes;
  /** See `LauncherSettings.stateDir`. */
  readonly stateDir: string | null;
  /** The environment of processes of this machine. */
  readonly env: NodeJS.ProcessEnv;
}

/** A process to be confined. */
export interface ConfinedStart {
  /** What tells it from others on this machine. */
  readonly name: string;
  readonly confinement: Confinement;
  /** What runs where the confinement has no entry. */
  readonly command: readonly string[];
  /** Added to its environment, where the confinement has no entry. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Its limit of disk holds here. */
  readonly scratch: string | null;
}

/** Processes that make room for the job in its cell: the shell that stays, bubblewrap's two, a shell inside. */
const HELPERS = 4;
/** A job that has all processes it may have, and wanted more, for so long: most likely it forks without end. */
const CROWDED_MS = 2000;

/** What was found out of a confined process. */
export interface Found extends Held {
  readonly cpuMs: number | null;
  readonly peakMemory: number | null;
  /** How many processes were killed for want of memory; null where that is not known. */
  readonly memoryKills: number | null;
}

/** A process in a cell, and perhaps in an environment, which is held to limits and whose secrets nobody sees. */
export class Confined {
  readonly #context: ConfinedContext;
  readonly #start: ConfinedStart;
  readonly #cell: Cell;
  readonly #remote: Remote | null;
  readonly #disk: DiskWatch | null;
  readonly #logs: readonly RedactedLog[];
  readonly #enforced: string;
  #crowdedSince = 0;
  #peak: number | null = null;
  #status: number | null = null;
  /** Where no control group counts it. */
  #cpuMs: number | null = null;
  #isEnding = false;

  /** @throws what the file system does */
  constructor(context: ConfinedContext, start: ConfinedStart, ended: (end: CellEnd) => void) {
    this.#context = context;
    this.#start = start;
    const { confinement, command, env, cwd, stdout, stderr, scratch, name } = start;
    const { entry, limits, secrets } = confinement;
    this.#cell = context.cells.take(this.#grouped);
    const { processes } = limits;
    this.#cell.group?.begin({ ...limits, processes: processes > 0 ? processes + HELPERS : 0 });
    this.#enforced = this.#grouped ? context.cells.enforced(limits) : enforcedBy(limits, entry?.keeps);
    this.#disk = limits.disk > 0 && scratch !== null ? new DiskWatch(scratch, limits.disk) : null;
    this.#logs = this.#openLogs(Object.values(secrets));
    this.#remote = entry?.remote ? new Remote(entry.remote, context.stateDir, name) : null;
    const { LIGASE_LAUNCHER } = context.env;
    const [program = "", ...args] = entry?.command ?? command;
    this.#cell.start(
      {
        command: [programPath(program, context.env["PATH"]), ...args],
        // By this name it is found if all else fails.
        env: entry ? { LIGASE_LAUNCHER, ...entry.env } : { ...context.env, ...env, ...secrets },
        cwd,
        stdout: this.#logs[0]?.pipe ?? stdout,
        stderr: this.#logs[1]?.pipe ?? stderr,
      },
      (end) => {
        this.#status = end.status;
        // Of a container that is the time of its client.
        if (!this.#remote) this.#cpuMs = end.cpuMs;
        ended(end);
      },
    );
  }

  /** The most memory that it has had, in bytes; null where nobody knows, and its processes have to be asked. */
  get peakMemory(): number | null {
    return this.#remote ? (this.#peak ?? 0) : this.#peak;
  }

  /** Does it run below us, so that its limits are our business? */
  get #grouped(): boolean {
    return this.#start.confinement.entry?.direct ?? true;
  }

  /** The limits that are enforced: `memory cpu processes`. */
  get enforced(): string {
    return this.#enforced;
  }

  /** Logs that redact, where there is something to redact. */
  #openLogs(values: readonly string[]): readonly RedactedLog[] {
    if (values.length === 0) return [];
    const { stdout, stderr } = this.#start;
    try {
      return [stdout, stderr].map((log) => new RedactedLog(log, values, this.#context.pipes));
    } catch (error) {
      this.#context.cells.giveBack(this.#cell, this.#grouped);
      throw error;
    }
  }

  /** The leader of its process group; 0 while it is not known. */
  leader(): number {
    return this.#cell.leader();
  }

  /**
   * Asks all of it to end. In a sandbox the outermost process is spared: when it ends, the kernel kills all that is
   * inside, and a job would have no time to tidy up.
   */
  terminate(pgid: number): void {
    this.#isEnding = true;
    if (this.#remote) {
      void this.#remote.signal("SIGTERM").then((known) => known || signalGroup(pgid, "SIGTERM"));
      return;
    }
    const all = this.#cell.group ? this.#cell.members() : descendantsOf(pgid);
    const inside = this.#start.confinement.entry ? all.filter((pid) => pid !== pgid) : all;
    if (inside.length === 0) signalGroup(pgid, "SIGTERM");
    for (const pid of inside) {
      kill(pid, "SIGTERM");
      // A stopped process takes it only once it goes on.
      kill(pid, "SIGCONT");
    }
  }

  /** Ends all of it at once. */
  killNow(pgid: number): void {
    this.#isEnding = true;
    if (this.#remote) void this.#remote.signal("SIGKILL").then(() => signalGroup(pgid, "SIGKILL"));
    else signalGroup(pgid, "SIGKILL");
    this.clear();
  }

  /**
   * What goes on after the end of its leader, as `name (pid)`, when that can be told by itself. A process namespace ends
   * with its leader: what is still seen of it is about to go.
   */
  rest(): string[] | null {
    if (!this.#start.confinement.entry?.direct) return null;
    return Array.from({ length: this.clear() }, () => "a process of the sandbox");
  }

  /** Kills what is left of it; tells how many there were. */
  clear(): number {
    if (!this.#cell.group) return 0;
    const left = this.#cell.members();
    // Who may not fork cannot outrun us.
    if (left.length > 0) this.#cell.group.close();
    for (const pid of left) kill(pid);
    return left.length;
  }

  /** Why it must end now, if it must. */
  broken(now: number): EndReason | null {
    this.#disk?.tick(now);
    if (this.#disk && this.#disk.over > 0) return "disk";
    const usage = this.#cell.group?.usage();
    const observed = this.#remote?.usage(now);
    // A container's group is gone with it: what was seen last counts.
    this.#cpuMs = observed?.cpuMs() ?? this.#cpuMs;
    this.#seen(usage?.peakMemory ?? observed?.peakMemory());
    // Where one process of a job was killed, the others wait for it, or go on with half of the data.
    if ((usage?.memoryKills ?? observed?.memoryKills() ?? 0) > 0) return "memory";
    const { processes } = this.#start.confinement.limits;
    const isCrowded = usage !== undefined && usage.refusedForks > 0 && usage.processes >= processes * 0.9;
    this.#crowdedSince = isCrowded ? this.#crowdedSince || now : 0;
    return isCrowded && now - this.#crowdedSince > CROWDED_MS ? "processes" : null;
  }

  /** What was found out by now. */
  found(): Found {
    const usage = this.#cell.group?.usage();
    const observed = this.#remote?.usage(0);
    this.#seen(usage?.peakMemory ?? observed?.peakMemory());
    return {
      limits: this.#enforced,
      refusedForks: usage?.refusedForks ?? 0,
      diskUsed: this.#disk?.over ?? 0,
      cpuMs: usage?.cpuMs ?? observed?.cpuMs() ?? this.#cpuMs,
      peakMemory: this.#peak,
      memoryKills: this.#remote ? this.#remoteKills(observed?.memoryKills() ?? 0) : (usage?.memoryKills ?? null),
    };
  }

  /** A container is gone before anybody can ask why it was killed: with a limit of memory there is one likely reason. */
  #remoteKills(seen: number): number {
    const wasKilled = this.#status === 137 && !this.#isEnding && this.#start.confinement.limits.memory > 0;
    return Math.max(seen, wasKilled ? 1 : 0);
  }

  /** Waits until all that it has written is in its logs. */
  async flush(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.flush()));
  }

  /** Nothing of it runs any more: completes its logs, and makes room for the next. */
  async finish(): Promise<Found> {
    await Promise.all([...this.#logs.map((log) => log.close()), this.#remote?.end(this.#status)]);
    // The last look was a while ago.
    if (this.#disk && this.#status !== 0) await this.#disk.look();
    const found = this.found();
    this.#context.cells.giveBack(this.#cell, this.#grouped);
    return found;
  }

  /** This process ends at once. */
  abandon(): void {
    this.#remote?.abandon();
  }

  #seen(peak: number | null | undefined): void {
    if (peak != null) this.#peak = Math.max(this.#peak ?? 0, peak);
  }
}

/** Podman and docker were asked to keep them; without root's rights they cannot everywhere. */
function enforcedBy(limits: Confinement["limits"], keeps?: readonly (keyof typeof limits)[]): string {
  const all = (["memory", "cpu", "processes"] as const).filter((limit) => limits[limit] > 0);
  return all.filter((limit) => keeps?.includes(limit) ?? true).join(" ");
}

function descendantsOf(pid: number): number[] {
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next > 1) found.push(next);
    open.push(...childrenOf(next));
  }
  return found;
}
