/**
 * The contract between those who keep processes running (endpoints) and the places where these run: start, an end, kill.
 * One implementation a place, in the folder of its executor.
 *
 * @module
 */
import type { EnclosureLimits, Environment, Mount } from "../images/types.ts";
import type { VolumeMount } from "../volumes/types.ts";

/** What a service runs. */
export type ServiceProgram =
  /** One of our programs for Node, by its absolute path on this machine. */
  | {
      readonly kind: "node";
      readonly file: string;
      /** Packages that it loads besides those that all our programs do. */
      readonly packages?: readonly string[];
    }
  /** A module of our Python package. */
  | { readonly kind: "python"; readonly module: string; readonly folders: readonly string[] }
  /** Program and arguments, as they are where it runs. */
  | { readonly kind: "command"; readonly command: readonly string[] };

/** A process that is to live on. */
export interface ServiceRequest {
  /** Unique on this machine: letters, digits, `-`. Containers are called by it. */
  readonly name: string;
  readonly program: ServiceProgram;
  /** Added to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute, and seen through one of the mounts in an environment; null: a fresh folder of its own, which it can write to. */
  readonly cwd: string | null;
  /** Null for this machine as it is. */
  readonly environment: Environment | null;
  /** What it sees of this machine in an environment, besides what its program needs, its own folder and its volumes. */
  readonly mounts: readonly Mount[];
  readonly volumes: readonly VolumeMount[];
  /** May it reach the network? Counts in an environment that can keep it from it. */
  readonly network: boolean;
  readonly limits: EnclosureLimits;
  /** The GPUs it may use, by index. */
  readonly gpus: readonly number[];
  /** Values of secrets by the name of the variable that holds them: they are taken out of what it writes. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Files that its output is appended to: absolute. */
  readonly stdout: string;
  readonly stderr: string;
}

/** How a service ended. */
export interface ServiceExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly refused: string | null;
  /** What it was ended for without anybody asking for it. */
  readonly beyond: "memory" | "disk" | "processes" | null;
  readonly outOfMemory: boolean;
  /** Bytes; null where it is not known. */
  readonly peakMemory: number | null;
  readonly cpuMs: number | null;
  /** Bytes found in its folder when it was ended for that. */
  readonly diskUsed: number;
}

/** The leader of its process group, as it can be found again. */
export interface ServiceProcess {
  readonly pgid: number;
  readonly pidStarted: string;
}

/** A command by which one comes to see what a service sees. */
export interface ServiceEntry {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A service that was started. */
export interface RunningService {
  /** All of it has ended, and its output is in its logs. Never rejects. */
  readonly over: Promise<ServiceExit>;
  /** Ends all of it: politely, then after so many milliseconds by force. Asked again, the shorter wait counts. */
  kill(graceMs: number): void;
  /** Bytes that its processes have in memory now; null where it is not known. */
  memory(): number | null;
  /**
   * How a process comes to run beside it and sees what it sees, but for its secrets: a command of this machine. Nothing where
   * it has ended, or cannot be entered.
   */
  enter(command: readonly string[]): ServiceEntry | undefined;
}

/** A place where services run. */
export interface ServiceLauncher {
  /** Makes ready for the first one. */
  warm(): void;
  /**
   * Starts a service.
   *
   * @param started - told once its process is known
   * @throws LigaseError `LIGASE_E_VOLUME` for a volume that cannot be where it is wanted; what the file system raises
   */
  start(request: ServiceRequest, started: (process: ServiceProcess) => void): RunningService;
  /** Ends everything and waits for it. */
  close(): Promise<void>;
}
