import { readlinkSync } from "node:fs";
import { findProgram } from "../../images/build/tools.ts";
import { childrenOf } from "./proc.ts";

/** The kernel's name of each kind of namespace, and the option of `nsenter`. In this order: the first gives the right to the others. */
const KINDS: readonly (readonly [string, string])[] = [
  ["user", "--user"],
  ["mnt", "--mount"],
  ["ipc", "--ipc"],
  ["uts", "--uts"],
  ["net", "--net"],
  ["cgroup", "--cgroup"],
  ["pid", "--pid"],
];

/**
 * The command by which a process enters the namespaces of a sandbox and starts where the process inside did; nothing where
 * there is none any more.
 *
 * @param outermost - the process that made them, which stays outside
 */
export function enterNamespaces(outermost: number, command: readonly string[]): readonly string[] | undefined {
  // Below it is the first process of the namespaces, and below that what was started in them.
  const [first] = childrenOf(outermost);
  if (first === undefined) return undefined;
  const [inside = first] = childrenOf(first);
  const flags = KINDS.filter(([kind]) => differs(inside, kind)).map(([, flag]) => flag);
  return [
    findProgram("nsenter") ?? "nsenter",
    `--target=${inside}`,
    "--preserve-credentials",
    ...flags,
    "--wd",
    "--",
    ...command,
  ];
}

function differs(pid: number, kind: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`) !== readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    return false;
  }
}
