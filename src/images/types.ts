/**
 * The contract between images and those who run things in them: an engine builds an environment of a definition once,
 * and says with which command a process enters it. One folder an engine, one contract suite for all.
 *
 * @module
 */
import type { Hash, Log } from "../kernel/index.ts";
import type { Image } from "./image.ts";

/** What can build and enter environments. `host`: the tools of this machine, no isolation. */
export type EngineName = "sandbox" | "podman" | "docker" | "host";

/** An environment that is built and can be entered. */
export interface Environment {
  readonly engine: EngineName;
  /** The definition it was made of. */
  readonly identity: Hash;
  /** Of its contents: `sha256:…`. The same bits have the same one. Empty for the host. */
  readonly digest: string;
  /** Where it is: the folder of a root file system (sandbox), the id of an image (podman, docker), `/` (host). */
  readonly place: string;
  /** Variables that it sets, `PATH` among them. */
  readonly env: Readonly<Record<string, string>>;
  /** What is installed in it, by manager and name: `{ apt: { bwa: "0.7.17-7+b2" }, pip: { numpy: "2.1.0" } }`. */
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What a reference without a digest was found to be: `sha256:…`. Absent where the definition says it, or stands on none. */
  readonly resolved?: string;
  /** The directory that a shell opens in. Absent: `/`. */
  readonly workdir?: string;
}

/** A folder or file of this machine inside an environment. */
export interface Mount {
  /** Absolute path on this machine; it exists. */
  readonly from: string;
  /** Absolute path inside. */
  readonly at: string;
  readonly writable: boolean;
}

/** What is to run in an environment, and what it may see and use. */
export interface Enclosure {
  /** Unique on this machine: what the container is called. Letters, digits, `-`, `_`. */
  readonly name: string;
  /** Program and arguments, as they are inside. */
  readonly command: readonly string[];
  /** Absolute path inside: the directory it starts in, which lies below one of the mounts. */
  readonly cwd: string;
  /** All that it finds in its environment besides {@link Environment.env}: nothing of this process's own is handed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** May it reach the network? */
  readonly network: boolean;
  readonly limits: EnclosureLimits;
  /** The NVIDIA GPUs it may use, by index. */
  readonly gpus: readonly number[];
  /** A person sits before it: it gets this terminal. */
  readonly interactive?: boolean;
}

/** Zero stands for none. */
export interface EnclosureLimits {
  /** Processors; may be a fraction. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** How many processes and threads. */
  readonly processes: number;
  /** Bytes it may leave on the disk in its writable places, where the engine can hold it to that. */
  readonly disk: number;
}

/** How a process comes to run in an environment. */
export interface Entry {
  /** Program and arguments: started here as a child of the launcher, it becomes, or waits for, the process inside. */
  readonly command: readonly string[];
  /** The whole environment of that program. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Whether the processes inside are descendants of the program (sandbox): then signals to its process group reach them,
   * and the limits are the launcher's business, which puts the program into a control group. Otherwise (podman, docker)
   * the engine keeps the limits itself.
   */
  readonly direct: boolean;
  /** The limits that the engine keeps by itself here; absent where all that it was asked for, or where `direct`. */
  readonly keeps?: readonly ("memory" | "cpu" | "processes")[];
  /**
   * Commands for what lives under a daemon: to end it (`signal` is appended), to ask what it used, and to run a program
   * beside it at a terminal (which is appended). Null where `direct`.
   */
  readonly remote: {
    readonly kill: readonly string[];
    readonly inspect: readonly string[];
    readonly remove: readonly string[];
    readonly exec?: readonly string[];
  } | null;
}

/** Who wants to hear what while an environment is made. */
export interface BuildHooks {
  readonly log?: Log;
  /** A line that people see: `=> Building image`, `=> Using cached image`. */
  readonly say?: (line: string) => void;
  /** What the build's commands print, line by line. */
  readonly output?: (line: string) => void;
  /** Ends the build. */
  readonly signal?: AbortSignal;
}

/** Whether an engine can work here. */
export interface EngineCheck {
  readonly works: boolean;
  /** Programs found with their versions: `{ bwrap: "0.8.0" }`. */
  readonly found: Readonly<Record<string, string>>;
  /** What is missing or forbidden, each with how to get it. */
  readonly missing: readonly { readonly what: string; readonly mend: string }[];
}

/** Builds environments, and says how they are entered. */
export interface ImageEngine {
  readonly name: EngineName;
  /** Can it work here? Looked at once per process. */
  check(): Promise<EngineCheck>;
  /** The environment of a definition, if it is built already. Does not use the network. */
  find(image: Image): Promise<Environment | undefined>;
  /**
   * The environment of a definition: the one that is there, or that another process is building, or a new one. Nothing
   * half-built is ever found.
   *
   * @throws LigaseError `LIGASE_E_IMAGE_BUILD` with the failing command, its last lines and the path of the log
   */
  build(image: Image, hooks?: BuildHooks): Promise<Environment>;
  /** How a process enters it. Starts nothing. */
  enter(environment: Environment, enclosure: Enclosure): Entry;
  /** The environments that are built. */
  list(): Promise<readonly StoredEnvironment[]>;
  /** Removes one. Waits for nobody: an environment in use must not be given. */
  remove(environment: Environment): Promise<void>;
}

/** An environment, with what is known of how it came about. */
export interface StoredEnvironment {
  readonly environment: Environment;
  readonly image: Image;
  /** Milliseconds since 1970. */
  readonly builtAt: number;
  readonly usedAt: number;
  /** Bytes on the disk. */
  readonly size: number;
}
