import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { processStart } from "../proc.ts";
import { removeGroup } from "./remove.ts";
import type { Folders } from "./types.ts";

/** Process ids count within a namespace: those of other namespaces' launchers say nothing here. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}

function started(pid: number): string {
  return processStart(pid)?.split("/").at(-1) ?? "";
}

/** The name of a launcher's own folder: it says which process it belongs to, and no other has it. */
export function ownName(pid = process.pid): string {
  return `ligase.${pidNamespace()}.${pid}.${started(pid)}`;
}

/** Whether a name is that of a launcher which is no more. Of one in another namespace nothing is known. */
export function isDead(name: string): boolean {
  const [, place, pid = "", since] = /^ligase\.(\d+)\.(\d+)\.(\d+)$/.exec(name) ?? [];
  return place === pidNamespace() && started(Number(pid)) !== since;
}

/** Removes what launchers that are no more have left in a folder, with what is still in it. */
export function removeDead(dir: string, folders: Folders): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return;
  }
  for (const name of names) if (isDead(name)) removeGroup(join(dir, name), folders);
}
