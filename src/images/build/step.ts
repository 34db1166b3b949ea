import type { ImageLock, Archive } from "../lock/types.ts";
import type { SettledLayer } from "../definition/layers.ts";
import { insideCommand, type Inside } from "./inside.ts";
import type { Place, Resolved } from "./place.ts";
import type { Privilege } from "./privilege.ts";
import { type BuildLog, hostEnvironment, runProgram } from "./program.ts";

/** The programs of this machine that builds use, by name: absolute paths. */
export type Tools = Readonly<Record<string, string | undefined>>;

/** What a step of a build has at hand. */
export interface StepContext {
  /** The root file system: a writable copy of what the steps before left; for the first step not there yet. */
  readonly root: string;
  /** A folder for what is thrown away after the step. */
  readonly scratch: string;
  readonly place: Place;
  readonly privilege: Privilege;
  readonly tools: Tools;
  readonly log: BuildLog;
  readonly signal: AbortSignal | undefined;
  /** What the definition is to be built from exactly, where it is locked. */
  readonly lock: ImageLock | undefined;
  /** The layers up to this one, for what depends on the first. */
  readonly layers: readonly SettledLayer[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  /** Something people should know. */
  warn(line: string): void;
}

/** What a step leaves beside the root file system. */
export interface StepResult {
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly archives?: readonly Archive[];
  readonly snapshots?: readonly string[];
  readonly resolved?: Resolved;
}

/** Runs a program of this machine. */
export function onMachine(
  context: StepContext,
  command: readonly string[],
  options: { readonly capture?: boolean; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<string> {
  return runProgram(command, {
    log: context.log,
    signal: context.signal,
    ...options,
    env: { ...hostEnvironment(), ...options.env },
  });
}

/** Runs a program inside of the root file system. */
export function runInside(
  context: StepContext,
  inside: Omit<Inside, "root" | "scratch">,
  options: { readonly capture?: boolean; readonly input?: string } = {},
): Promise<string> {
  const { root, scratch, tools, privilege, log, signal } = context;
  const command = insideCommand(tools["bwrap"] ?? "bwrap", privilege, {
    root,
    scratch,
    ...inside,
    env: { ...context.env, ...inside.env },
  });
  return runProgram(command, { log, signal, env: hostEnvironment(), ...options });
}
