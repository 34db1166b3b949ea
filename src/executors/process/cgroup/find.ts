import { join, relative } from "node:path";
import { text } from "./files.ts";

/** Where this process is in the hierarchies of control groups. */
export interface Hierarchies {
  /** Version 1: the folder of this process's own group, by controller. */
  readonly v1: ReadonlyMap<string, string>;
  /** Version 2: the folder of its own group, and the folder where the hierarchy begins. */
  readonly v2: { readonly own: string; readonly top: string } | null;
}

/** `\040` is a space in a path. */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

interface Mounted {
  readonly kind: string;
  /** The part of the hierarchy that is mounted: another than `/` in a container. */
  readonly root: string;
  readonly at: string;
  readonly options: readonly string[];
}

function mounted(proc: string): Mounted[] {
  return text(join(proc, "self/mountinfo"))
    .split("\n")
    .flatMap((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [, , , root = "/", at = ""] = before.split(" ");
      const [kind = "", , options = ""] = after.split(" ");
      return kind.startsWith("cgroup")
        ? [{ kind, root: unescape(root), at: unescape(at), options: options.split(",") }]
        : [];
    });
}

/** The folder of a group in a mount that may begin further down. */
function folder({ root, at }: Mounted, group: string): string {
  const path = relative(root, group);
  // In a namespace of its own a process is told paths that begin where the mount does.
  return path.startsWith("..") ? join(at, group) : join(at, path);
}

/**
 * Reads where a process is.
 *
 * @param proc - where the proc file system is
 * @param pid - this process by default
 */
export function findHierarchies(proc = "/proc", pid = "self"): Hierarchies {
  const mounts = mounted(proc);
  const v1 = new Map<string, string>();
  let v2: Hierarchies["v2"] = null;
  for (const line of text(join(proc, pid, "cgroup")).split("\n")) {
    const [, id = "", controllers = "", group = "/"] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === "") continue;
    if (controllers === "") {
      const mount = mounts.find(({ kind }) => kind === "cgroup2");
      if (mount) v2 = { own: folder(mount, group), top: mount.at };
      continue;
    }
    for (const controller of controllers.split(",")) {
      const mount = mounts.find(({ kind, options }) => kind === "cgroup" && options.includes(controller));
      if (mount) v1.set(controller, folder(mount, group));
    }
  }
  return { v1, v2 };
}
