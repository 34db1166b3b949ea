import type { CgroupSupport } from "../executors/process/cgroup/index.ts";
import type { GpuDevice } from "../images/gpu/index.ts";
import type { EngineCheck, EngineName } from "../images/types.ts";

/** The parts that findings come in, in the order they are shown. */
export const GROUPS = ["Project", "Container engines", "Building images", "Limits", "Machine", "Programs"] as const;

/** A part of what was found. */
export type Group = (typeof GROUPS)[number];

/** One thing that was looked for. */
export interface Finding {
  readonly group: Group;
  readonly name: string;
  /** `absent`: not there, and all else works without. `wrong`: there, and of no use as it is. */
  readonly state: "found" | "absent" | "wrong";
  /** What it is, or what is the matter with it. */
  readonly says: string;
  /** How to get it: a command, where there is one. */
  readonly mend: string | null;
  /** Does the project's configuration ask for it? */
  readonly needed: boolean;
}

/** What the project asks for, as far as its machine must have it. */
export interface Wanted {
  /** As the configuration has it: `auto`, or an engine. */
  readonly engine: "auto" | EngineName;
  readonly gpus: number;
  readonly storeDir: string;
  readonly imagesDir: string;
}

/** What is found out by those who will use it: an engine, the launcher, the scheduler. */
export interface Known {
  readonly engines: Readonly<Record<"sandbox" | "podman" | "docker", EngineCheck>>;
  readonly cgroups: CgroupSupport;
  readonly gpus: readonly GpuDevice[];
  /** The network file system that a folder is on; nothing for a disk. */
  networkFileSystem(folder: string): string | undefined;
}

/** What a program answered. */
export interface Answer {
  readonly status: number | null;
  /** What it printed, to stdout and stderr: some say their version there. */
  readonly output: string;
}

/** What is looked at; a made-up one in tests. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Absent where users have no number. */
  readonly uid: number | undefined;
  readonly user: string;
  readonly nodeVersion: string;
  readonly cpus: number;
  readonly memory: { readonly total: number; readonly free: number };
  /** The content of a file; nothing when it cannot be read. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
  /** Bytes of the disk that a folder is on, or would be. */
  disk(path: string): { readonly total: number; readonly free: number } | undefined;
  /** Where a program is on the path. */
  program(name: string): string | undefined;
  /** Runs a program of the path; one that is not there has no status. */
  run(program: string, args: readonly string[]): Promise<Answer>;
}
