import type { EnclosureLimits, Entry } from "../../images/types.ts";

/** What the engine's process asks of the launcher: one JSON text a line. */
export type LauncherRequest =
  | RunRequest
  | SpawnRequest
  /** Ends a job or a process: politely, then after the grace by force. Asked again with a shorter one, that counts. */
  | {
      readonly op: "kill";
      readonly id: number;
      readonly reason: KillReason;
      readonly job: string;
      /** Milliseconds. Absent: {@link LauncherSettings.graceMs}. */
      readonly graceMs?: number;
    }
  /** Waits until all that a process has written so far is in its logs. */
  | { readonly op: "flush"; readonly id: number; readonly asked: number }
  /** Finds the version of a program. */
  | { readonly op: "probe"; readonly id: number; readonly path: string }
  /** Removes a work directory that nobody needs any more. */
  | { readonly op: "remove"; readonly dir: string }
  /** Ends everything, finishes the removals, and exits. */
  | { readonly op: "close" };

/** Why a process was ended on purpose. */
export type KillReason = "cancelled" | "timeout";

/** Why the launcher ended a process: it was asked to, or the process went beyond what it may use. */
export type EndReason = KillReason | "memory" | "disk" | "processes";

/** What sets a process apart from others: an environment that it enters, limits, secrets. */
export interface Confinement {
  /** How it enters its environment: in place of its own command. Null for this machine as it is. */
  readonly entry: Entry | null;
  /** Held by control groups where that is permitted; by the engine of an entry that is not `direct`. */
  readonly limits: EnclosureLimits;
  /** Added to its environment; their values are taken out of all that it writes to stdout and stderr. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Runs `<dir>/.command.sh`. */
export interface RunRequest {
  readonly op: "run";
  readonly id: number;
  /** The job's id: exported as `LIGASE_JOB`, so that strays can be found by it. */
  readonly job: string;
  readonly dir: string;
  /** What the file is to hold, in a directory to be made for it; null where both are there. */
  readonly script: string | null;
  /** The shell that runs the file: `bash`, `sh`. */
  readonly shell: string;
  /** It may run in a copy of a warm shell; see `CommandFiles.warm`. */
  readonly warm: boolean;
  /** Milliseconds; 0 for none. */
  readonly timeoutMs: number;
  /** Nobody needs the directory when the job succeeds without a word on stdout and stderr. */
  readonly discard: boolean;
  /** Absent: it runs like any other process of this machine. */
  readonly confinement?: Confinement;
}

/** Starts a process that lives on: a worker. */
export interface SpawnRequest {
  readonly op: "spawn";
  readonly id: number;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Files that its stdout and stderr are appended to. */
  readonly stdout: string;
  readonly stderr: string;
  /** Absent: it runs like any other process of this machine. With an entry, the entry's command and environment count. */
  readonly confinement?: Confinement;
  /** What must not grow beyond `confinement.limits.disk`: a folder. */
  readonly scratch?: string;
}

/** What the launcher reports: one JSON text a line. */
export type LauncherReport =
  /** A job's or a process's leader is known. Not sent for jobs over within {@link STARTED_AFTER_MS}. */
  | {
      readonly ev: "started";
      readonly id: number;
      readonly pgid: number;
      readonly since: string;
      /** The limits that are enforced; null for a process that is not confined. */
      readonly limits: string | null;
    }
  | DoneReport
  | ExitReport
  | { readonly ev: "probed"; readonly id: number; readonly version: string | null }
  | { readonly ev: "flushed"; readonly asked: number }
  | { readonly ev: "warning"; readonly message: string }
  /** Of less weight, and said once. */
  | { readonly ev: "notice"; readonly message: string };

/** What was found out of a process that was confined. */
export interface Held {
  /** The limits that were enforced: `memory cpu processes`; null for a process that was not confined. */
  readonly limits: string | null;
  /** How often it was refused a further process. */
  readonly refusedForks: number;
  /** Bytes found in its directory when it was ended for that. */
  readonly diskUsed: number;
}

/** A job is over. */
export interface DoneReport extends Held {
  readonly ev: "done";
  readonly id: number;
  /** As the shell gives it: 128 + n for signal n. Null where the job was never started, or lost. */
  readonly status: number | null;
  readonly wallMs: number;
  readonly cpuMs: number | null;
  readonly peakMemory: number | null;
  /** Bytes on stdout and stderr. */
  readonly out: number;
  readonly err: number;
  readonly killed: EndReason | null;
  /** The kernel killed something of it (or, without a control group, something at all) for want of memory. */
  readonly outOfMemory: boolean;
  /** Output beyond the cap was dropped. */
  readonly truncated: boolean;
  /** Processes it left running in the background, which had to be ended. */
  readonly leftovers: readonly string[];
  /** Why it could not be started. */
  readonly refused: string | null;
}

/** A process that was spawned is over, or could not be started. */
export interface ExitReport extends Held {
  readonly ev: "exit";
  readonly id: number;
  readonly code: number | null;
  readonly signal: string | null;
  /** Of all its life, where it was confined to a control group; null otherwise. */
  readonly cpuMs: number | null;
  readonly peakMemory: number | null;
  readonly killed: EndReason | null;
  readonly outOfMemory: boolean;
  readonly refused: string | null;
}

/** What the launcher needs to know from the start; handed over in `LIGASE_LAUNCHER_SETTINGS`. */
export interface LauncherSettings {
  /** Between SIGTERM and SIGKILL, in milliseconds. */
  readonly graceMs: number;
  /** How long processes that outlive their script may go on, in milliseconds. */
  readonly lingerMs: number;
  /** The most a job may write to stdout or stderr, in bytes. */
  readonly logCap: number;
  /** Where it is written down which containers run, for who comes after a launcher that was killed; null for nowhere. */
  readonly stateDir: string | null;
  /** Use warm shells; null where they work. */
  readonly zygotes: boolean | null;
  /** The `NODE_OPTIONS` of the engine's process: not for the launcher, but for what it starts. */
  readonly nodeOptions: string | null;
}

/** A job over sooner is never reported as started: there is nothing left that a crash could orphan. */
export const STARTED_AFTER_MS = 10;
