/**
 * What the operating system knows of processes. Reads `/proc` where there is one; elsewhere
 * (macOS) asks `ps` for the little that cannot be done without.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const HAS_PROC = existsSync("/proc/self/stat");

function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

/** One process, from `/proc/<pid>/stat`. */
interface Stat {
  readonly name: string;
  readonly state: string;
  readonly pgid: number;
  /** Clock ticks after boot. */
  readonly started: string;
}

function stat(pid: number | string): Stat | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name stands in parentheses and may itself hold any character, parentheses among them.
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ");
  return {
    name: text.slice(text.indexOf("(") + 1, end),
    state: fields[0] ?? "",
    pgid: Number(fields[2]),
    started: fields[19] ?? "",
  };
}

let boot: string | undefined;

/**
 * When a process started, as text that no other process of this machine shares with it under the
 * same id, now or after a reboot; null when there is no such process.
 */
export function processStart(pid: number): string | null {
  if (!HAS_PROC) {
    const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return stdout?.trim() || null;
  }
  const facts = stat(pid);
  if (!facts || facts.state === "Z" || facts.state === "X") return null;
  boot ??= read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  return `${boot}/${facts.started}`;
}

/** The direct children of a process; none where the kernel does not say. */
export function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`);
  return text ? text.trim().split(" ").filter(Boolean).map(Number) : [];
}

/** The memory that a process and its descendants have resident now, in bytes; null when unknown. */
export function residentMemory(pid: number): number | null {
  return sumOverTree(pid, /^VmRSS:\s*(\d+) kB/m);
}

/** The most memory that a process and its descendants alive now have had resident, in bytes; null when unknown. */
export function peakMemory(pid: number): number | null {
  return sumOverTree(pid, /^VmHWM:\s*(\d+) kB/m);
}

function sumOverTree(pid: number, field: RegExp): number | null {
  let total: number | null = null;
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const kilobytes = field.exec(read(`/proc/${next}/status`) ?? "")?.[1];
    if (kilobytes) total = (total ?? 0) + Number(kilobytes) * 1024;
    open.push(...childrenOf(next));
  }
  return total;
}

/** How often the kernel has killed a process for want of memory since boot. */
export function outOfMemoryKills(): number {
  const machine = /^oom_kill (\d+)/m.exec(read("/proc/vmstat") ?? "")?.[1];
  return Number(machine ?? 0);
}

/** Signals a process group; false when it has no member. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  // Groups 0 and 1 would be our own, and every process there is.
  if (pgid <= 1) return false;
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The living members of a process group, as `name (pid)`. */
export function groupMembers(pgid: number): string[] {
  // A zombie that nobody reaps (a container without an init) keeps its group in being; it counts for nothing.
  if (!signalGroup(pgid, 0)) return [];
  if (!HAS_PROC) return [`process group ${pgid}`];
  const members: string[] = [];
  for (const pid of processIds()) {
    const facts = stat(pid);
    if (facts?.pgid === pgid && facts.state !== "Z" && facts.state !== "X") members.push(`${facts.name} (${pid})`);
  }
  return members;
}

function processIds(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** The processes whose environment, as they were started, fits. */
function byEnvironment(fits: (variable: string) => boolean): number[] {
  if (!HAS_PROC) return [];
  return (
    processIds()
      .map(Number)
      .filter((pid) => pid !== process.pid && read(`/proc/${pid}/environ`)?.split("\0").some(fits))
      // A zombie is as good as gone.
      .filter((pid) => processStart(pid) !== null)
  );
}

function killAll(pids: readonly number[]): number {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  return pids.length;
}

/** Kills what was started for a job, or a service, and has left its process group; tells how many there were. */
export function killStraysOfJob(job: string): number {
  const marks = new Set([`LIGASE_JOB=${job}`, `LIGASE_SERVICE=${job}`]);
  return killAll(byEnvironment((variable) => marks.has(variable)));
}

/** Kills whatever descends from a launcher, launchers within its jobs included. */
export function killStraysOfLauncher(launcher: string): void {
  killAll(byEnvironment((variable) => variable.startsWith("LIGASE_LAUNCHER=") && variable.includes(launcher)));
}

/** A process group as it was recorded when its attempt started. */
export interface RecordedProcess {
  /** The process group: its leader's id. */
  readonly pgid: number;
  /** When the leader started: what `Head.started` was told. */
  readonly pidStarted: string;
  /** The job, by whose id processes that left the group are found. */
  readonly job?: string;
}

/**
 * Ends what a run that died has left behind: the recorded process group, if and only if its
 * leader still is the very process that was recorded (same id, same start, same boot), and what
 * carries the job's id in its environment.
 *
 * @returns whether the group was there to be killed
 * @example
 * ```ts
 * await killOrphan({ pgid: 4711, pidStarted: "5f0c…/1234567", job: "7k2m9qa0x4dtv" });
 * ```
 */
export async function killOrphan(orphan: RecordedProcess): Promise<boolean> {
  const same = processStart(orphan.pgid) === orphan.pidStarted;
  const killed = same && signalGroup(orphan.pgid, "SIGKILL");
  if (orphan.job !== undefined) killStraysOfJob(orphan.job);
  return killed;
}
