/**
 * What the server and a driver say to each other, over the channel of the child process: one message a thing, as JSON.
 *
 * @module
 */
import type { Ending, Evaluated } from "../types.ts";
import type { DeployedCode } from "./load.ts";

/** The environment variable that holds {@link DriverSettings} as JSON. */
export const DRIVER_SETTINGS = "LIGASE_DRIVER";

/** What a driver is told when it is started. */
export interface DriverSettings {
  /** The folder of the server's project, whose configuration counts: it says what this machine may be used for. */
  readonly project: string;
  readonly storeDir: string;
  readonly code: DeployedCode;
}

/** A job of an endpoint whose handler calls tasks, as a driver knows it. */
export interface DriverJob {
  readonly id: string;
  readonly attempt: number;
  readonly endpoint: string;
  /** Of the code of its handler. */
  readonly codeHash: string;
  /** JSON. */
  readonly input: string;
}

/** What the server asks of a driver. `asked` is its number for the question. */
export type ToDriver =
  | {
      readonly op: "evaluate" | "reduce";
      readonly asked: number;
      readonly job: DriverJob;
      readonly expression: string;
    }
  | { readonly op: "end"; readonly asked: number; readonly job: string; readonly how: Ending };

/** What a driver says. */
export type FromDriver =
  /** It takes questions. */
  | { readonly ev: "ready" }
  /** It cannot be: the bundle throws, the store is gone. Nothing follows. */
  | { readonly ev: "refused"; readonly error: Extract<Evaluated, { error: unknown }>["error"] }
  | { readonly ev: "answer"; readonly asked: number; readonly evaluated: Evaluated };
