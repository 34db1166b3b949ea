import type { ErrorFacts } from "../../src/kernel/index.ts";
import type { RunSettings } from "../../src/engine/index.ts";

/** The path of a file, where a task is given one. */
export interface FileArgument {
  readonly file: string;
}

/** What the driver is asked to do. */
export type Request =
  | {
      /** `plan`: a dry run. */
      readonly op: "run" | "plan";
      readonly id: number;
      /** The project's folder. */
      readonly root: string;
      readonly entry: string;
      readonly task: string;
      /** {@link FileArgument}s at the top become files. */
      readonly args: readonly unknown[];
      readonly settings: Partial<RunSettings>;
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly op: "cancel"; readonly id: number };

/** What became of one job, by the engine's own account: only for what a ledger cannot tell. */
export interface JobFacts {
  readonly task: string;
  readonly state: string;
  readonly reason: string;
  readonly attempts: number;
}

/** What a dry run says of a call. */
export interface PlannedFacts {
  readonly task: string;
  readonly fate: string;
  readonly estimate: boolean;
  readonly reason: string;
  readonly dependsOn: readonly string[];
}

/** The driver's answer. */
export interface Reply {
  readonly id: number;
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: ErrorFacts;
  readonly warnings: readonly string[];
  readonly jobs: readonly JobFacts[];
  readonly plan?: { readonly calls: readonly PlannedFacts[]; readonly cut: boolean };
}
