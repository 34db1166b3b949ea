import type { Node } from "oxc-parser";
import type { Value } from "./value.ts";

/** A call in a body. */
export interface ShapeCall {
  /** The task called; of what only a run knows, the words of the source that call it. */
  readonly callee: string;
  /** Does the source say what is called? */
  readonly known: boolean;
  /** For each item of a list, or in a loop. */
  readonly each: boolean;
  /** In some case only. */
  readonly maybe: boolean;
}

/** What flows from call to call within a body. */
export interface ShapeFlow {
  readonly from: string;
  readonly to: string;
  /** The place of the argument. */
  readonly argument: number;
  /** Which part of the result, `fastq.bam`; empty for the whole. */
  readonly part: string;
}

/** What the body of a task calls, and what flows from call to call. */
export interface BodyShape {
  readonly calls: readonly ShapeCall[];
  readonly flows: readonly ShapeFlow[];
}

/** What is read of a body, to those who know a part of the language. */
export interface Reading {
  evaluate(node: Node): Value;
  /** Calls what a value may be. */
  call(callee: Value, args: readonly Value[]): Value;
  /** Binds the names of a pattern. `declaration` is what declares them; without one they are assigned to. */
  bind(pattern: Node, value: Value, declaration?: Node): void;
  /** What is read meanwhile happens for each item of something. */
  each(read: () => Value): Value;
  /** What is read meanwhile happens in some case only. */
  maybe(read: () => Value): Value;
  /** The bodies of the tasks that a value may be, as plain functions. */
  bodiesOf(value: Value): Value;
}
