/**
 * Control groups, of either version of the kernel's interface: what a job's processes may use, and what they have used.
 * One small interface ({@link Group}), two implementations, and the search for a place where this user may make groups.
 *
 * It must not know what a job is, nor touch a group that is not its launcher's own.
 *
 * @module
 */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { processesIn, put, text } from "./files.ts";
import { findHierarchies, type Hierarchies } from "./find.ts";
import { ownName, removeDead } from "./owners.ts";
import { KERNEL, removed } from "./remove.ts";
import { type CgroupSupport, type Folders, type GroupPlace, LIMITS, type LimitName } from "./types.ts";
import { V1_CONTROLLERS, V1Place } from "./v1.ts";
import { V2_LIMITS, V2Place } from "./v2.ts";

export type { CgroupSupport, Folders, Group, GroupLimits, GroupPlace, GroupUsage, LimitName } from "./types.ts";

/** What is looked at; another in tests. */
export interface CgroupSources {
  readonly proc?: string;
  readonly uid?: number;
  readonly folders?: Folders;
}

/**
 * Makes a place for groups, where that is permitted.
 *
 * @returns null where no limit at all could be enforced
 */
export function openGroups({
  proc,
  uid = process.getuid?.() ?? -1,
  folders = KERNEL,
}: CgroupSources = {}): GroupPlace | null {
  const hierarchies = findHierarchies(proc);
  return openV1(hierarchies, folders) ?? openV2(hierarchies, uid, folders);
}

/** Clears away what launchers have left that are no more (`kill -9`), and ends what still runs there. */
export function clearDeadGroups({ proc, folders = KERNEL }: CgroupSources = {}): void {
  const { v1, v2 } = findHierarchies(proc);
  const own = V1_CONTROLLERS.flatMap((controller) => v1.get(controller) ?? []);
  for (const dir of new Set([...own, ...(v2 ? [v2.own, ...above(v2)] : [])])) removeDead(dir, folders);
}

/**
 * Whether this user can hold jobs to their limits on this machine. Makes a group and removes it again.
 *
 * @example
 * ```ts
 * cgroupSupport(); // { version: 2, enforced: ["memory", "cpu", "processes"], why: null }
 * ```
 */
export function cgroupSupport(sources: CgroupSources = {}): CgroupSupport {
  const place = openGroups(sources);
  place?.remove();
  if (place) return { version: place.version, enforced: place.enforced, why: whyNot(place.enforced, place.version) };
  const { v1, v2 } = findHierarchies(sources.proc);
  if (V1_CONTROLLERS.some((controller) => v1.has(controller)))
    return { version: 1, enforced: [], why: "the control groups of this machine (version 1) are root's" };
  if (!v2) return { version: 0, enforced: [], why: "there are no control groups on this machine" };
  const why =
    "no control group is delegated to you: systemd-run --user --scope -p Delegate=yes ligase run … gives you one";
  return { version: 2, enforced: [], why };
}

function whyNot(enforced: readonly LimitName[], version: 1 | 2): string | null {
  const missing = LIMITS.filter((limit) => !enforced.includes(limit));
  if (missing.length === 0) return null;
  const controllers = missing.map((limit) => V2_LIMITS[limit]).join(", ");
  return version === 1
    ? `there is no controller ${controllers} that you may use`
    : `the controller ${controllers} is not delegated to you (Delegate= of the user's service in systemd)`;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function made(dir: string, folders: Folders): boolean {
  try {
    folders.make(dir);
    return true;
  } catch {
    return false;
  }
}

function openV1({ v1 }: Hierarchies, folders: Folders): GroupPlace | null {
  const dirs = new Map<(typeof V1_CONTROLLERS)[number], string>();
  const name = ownName();
  for (const controller of V1_CONTROLLERS) {
    const own = v1.get(controller);
    if (own === undefined) continue;
    const dir = join(own, name);
    // Hierarchies may share one folder: `cpu,cpuacct`.
    if ([...dirs.values()].includes(dir) || made(dir, folders)) dirs.set(controller, dir);
  }
  const place = new V1Place(dirs, folders);
  if (place.enforced.length > 0) return place;
  place.remove();
  return null;
}

/** The groups above one, the nearest first. */
function above({ own, top }: NonNullable<Hierarchies["v2"]>): string[] {
  const found: string[] = [];
  for (let dir = own; dir !== top && dir.length > top.length; found.push(dir)) dir = dirname(dir);
  return found;
}

/**
 * The nearest group above our own that hands controllers on and that we may write to: what is made there is our
 * neighbour, and nobody has to move. Where there is none (a container), our own group, if it is ours alone: its
 * processes then move into one below it, for a group that hands controllers on must have none itself.
 */
function openV2({ v2 }: Hierarchies, uid: number, folders: Folders): GroupPlace | null {
  if (!v2) return null;
  for (const dir of above(v2)) {
    const place = handsOn(dir) && mayWrite(join(dir, "cgroup.procs")) ? placeIn(dir, folders) : null;
    if (place) return place;
  }
  return isOursAlone(v2, uid) && moveDown(v2.own, folders) ? placeIn(v2.own, folders) : null;
}

function handsOn(dir: string): boolean {
  return /\b(memory|pids)\b/.test(text(join(dir, "cgroup.subtree_control")));
}

function placeIn(dir: string, folders: Folders): GroupPlace | null {
  const own = join(dir, ownName());
  if (!made(own, folders)) return null;
  for (const controller of Object.values(V2_LIMITS)) put(join(own, "cgroup.subtree_control"), `+${controller}`);
  const place = new V2Place(own, folders);
  if (place.enforced.length > 0) return place;
  place.remove();
  return null;
}

/**
 * A user's own group is one that was delegated. Root owns all, and may rearrange only where its container begins: the
 * top of such a tree has a type, that of a machine's has none.
 */
function isOursAlone({ own, top }: NonNullable<Hierarchies["v2"]>, uid: number): boolean {
  if (uid === 0 && own !== top) return false;
  const files = ["cgroup.procs", "cgroup.subtree_control"].map((name) => join(own, name));
  return existsSync(join(own, "cgroup.type")) && statSync(own).uid === uid && files.every(mayWrite);
}

function moveDown(own: string, folders: Folders): boolean {
  const below = join(own, "ligase.main");
  const isNew = made(below, folders);
  for (const pid of processesIn(own)) put(join(below, "cgroup.procs"), pid);
  for (const controller of Object.values(V2_LIMITS)) put(join(own, "cgroup.subtree_control"), `+${controller}`);
  if (handsOn(own)) return true;
  // It did not work: everybody goes back.
  for (const pid of processesIn(below)) put(join(own, "cgroup.procs"), pid);
  if (isNew) removed(below, folders);
  return false;
}
