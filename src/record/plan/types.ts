import type { Fate } from "../../engine/dry-run/index.ts";
import type { ErrorFacts } from "../../kernel/index.ts";
import type { RunMode } from "../../store/types.ts";
import type { Explanation } from "../explain/index.ts";

/** Calls of one task that would run, or might, for one reason. */
export interface PlannedGroup {
  readonly fate: Exclude<Fate, "cached">;
  /** Are they made only if what would run calls what it called last time? */
  readonly estimate: boolean;
  /** In a few words; null of calls that were too many to look at. */
  readonly reason: string | null;
  readonly calls: number;
  /** The tasks on whose results they depend: where those are what they were, the calls may be cached. */
  readonly dependsOn: readonly string[];
  /** Of the first of them, in full; null where it only depends on others. */
  readonly explanation: Explanation | null;
}

/** What would become of the calls of one task. */
export interface PlannedTask {
  readonly task: string;
  /** Is it a small computation between tasks? */
  readonly lift: boolean;
  readonly run: number;
  readonly may: number;
  readonly cached: number;
  readonly groups: readonly PlannedGroup[];
  /** How long one takes, by the past: milliseconds; null where nobody knows. */
  readonly meanMs: number | null;
  /** How many calls of which tasks were below calls like these last time, where no more is known of what they will call. */
  readonly lastTime: Readonly<Record<string, number>>;
  /** How long these take, by the past, if none of them is cached: milliseconds; null where nobody knows. */
  readonly lastTimeMs: number | null;
  /** The tasks that its code names, where it never ran. */
  readonly names: readonly string[];
}

/** What a run would do, and why. */
export interface PlanReport {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The workflow file, relative to the project. */
  readonly workflow: string;
  readonly task: string;
  readonly argv: readonly string[];
  readonly mode: RunMode;
  /** Is a recursion deeper than was followed? Then there are more calls than are counted. */
  readonly cut: boolean;
  /** In the order in which the tasks were met. */
  readonly tasks: readonly PlannedTask[];
  /** What the run would fail with, whatever its bodies do. */
  readonly error: ErrorFacts | null;
}
