import { createHmac, randomBytes } from "node:crypto";
import type { Environment } from "../../images/types.ts";
import type { Attempt, VolumeMount } from "../types.ts";
import { MOST_PROCESSES } from "./enclosure.ts";

/** What a worker runs: bodies of a bundle's tasks, or functions of a folder of Python code. */
export type WorkerProgram =
  | { readonly kind: "node"; readonly bundle: string }
  | { readonly kind: "python"; readonly code: string };

/** What a worker is like for its whole life. Jobs with one key may have one worker, one after the other. */
export interface WorkerPlan {
  readonly key: string;
  readonly program: WorkerProgram;
  /** Bytes that the job asked for; 0 for no statement. */
  readonly memory: number;
  /** The limits that are set to the process: those that were asked for. */
  readonly limits: { readonly cpu: number; readonly memory: number; readonly processes: number; readonly disk: number };
  /** What its output must not show, and what it finds in its environment. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Null on this machine as it is. */
  readonly enclosure: PlannedEnclosure | null;
}

/** The environment of a worker, and what is fixed for its life. */
export interface PlannedEnclosure {
  readonly environment: Environment;
  readonly network: boolean;
  readonly gpus: readonly number[];
  readonly volumes: readonly VolumeMount[];
  /** Folders, and files, of inputs that lie outside of the project and of the store. */
  readonly inputs: readonly string[];
}

/**
 * What a worker takes before it does anything (measured: Node 93 MB, Python 16) with some room: no limit of memory is set
 * lower than that, or it could not be started.
 */
export const LEAST_MEMORY: Readonly<Record<WorkerProgram["kind"], number>> = {
  node: 160 * 2 ** 20,
  python: 48 * 2 ** 20,
};

/** So that a key tells nothing of the secrets in it. */
const SALT = randomBytes(32);

/**
 * What a job needs of its worker.
 *
 * @param inputs - of an environment: what the worker must see besides the project and the store
 */
export function planWorker(attempt: Attempt, program: WorkerProgram, inputs: readonly string[]): WorkerPlan {
  const { environment, network, gpus, volumes, processes, secrets, resources } = attempt;
  const { cpu, memory, disk } = resources;
  const enclosure = environment && { environment, network, gpus, volumes, inputs };
  // A worker on the host takes jobs of any cpu, which only tells the job how many threads to start.
  const limits = {
    cpu: enclosure ? cpu : 0,
    memory: memory > 0 ? Math.max(memory, LEAST_MEMORY[program.kind]) : 0,
    processes: enclosure && processes === 0 ? MOST_PROCESSES : processes,
    disk: enclosure ? disk : 0,
  };
  const key = JSON.stringify([
    program,
    memory,
    Object.values(limits),
    Object.keys(secrets).length > 0 ? createHmac("sha256", SALT).update(JSON.stringify(secrets)).digest("hex") : "",
    enclosure && [environment.engine, environment.place, environment.digest, network, gpus, inputs],
    enclosure && volumes.map(({ from, at, writable }) => [from, at, writable]),
  ]);
  return { key, program, memory, limits, secrets, enclosure };
}
