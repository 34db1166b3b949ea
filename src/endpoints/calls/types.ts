/**
 * What handlers call, and runs that are handed in: user code and engines run in processes of their own, never in the
 * server.
 *
 * @module
 */
import type { ErrorFacts } from "../../kernel/index.ts";
import type { LiveEndpoint } from "../types.ts";

/** A job whose handler calls tasks. */
export interface CallingJob {
  readonly id: string;
  readonly endpoint: LiveEndpoint;
  readonly attempt: number;
  /** JSON. */
  readonly input: string;
}

/** What an expression gave: text as the codec writes it, or an error. */
export type Evaluated = { readonly value: string } | { readonly error: ErrorFacts };

/** How a job ended: with JSON, with what its worker sent or a sentence, or cancelled. */
export type Ending = { readonly output: string } | { readonly error: string } | "cancelled";

/** Drivers: a process a deployment, with an engine, started when a handler first calls a task. */
export interface Drivers {
  /** Evaluates an expression that a handler awaits, as a call of the job's run. */
  evaluate(job: CallingJob, expression: string, signal: AbortSignal): Promise<Evaluated>;
  /** Reduces the expression that a handler returned, and answers its value as JSON for `output`. */
  reduce(job: CallingJob, expression: string, signal: AbortSignal): Promise<Evaluated>;
  /** Did the job call anything, and is its run open? */
  has(job: string): boolean;
  /** The job has ended: its run is closed. Answers the id of the run; null when it called nothing. */
  ended(job: string, how: Ending): Promise<string | null>;
  /** Ends all drivers. */
  close(): Promise<void>;
}
