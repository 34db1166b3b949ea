/**
 * Expressions as data. What a lazy value stands for is one of these nodes; they form a directed
 * graph without cycles that can be stored, shipped and replayed. Only the engine gives them a
 * meaning.
 *
 * @module
 */
import type { TaskImpl } from "./task-impl.ts";
import type { TaskOptions } from "./options.ts";

/** A task applied to arguments. */
export interface CallNode {
  readonly kind: "call";
  /** The task, or its name when the node was read from the store. */
  readonly task: TaskImpl | string;
  /** Values that may hold lazy parts, at any depth. */
  readonly args: readonly unknown[];
  /** Options given at the call by `withOptions`. */
  readonly options: TaskOptions | undefined;
}

/** A field or an item of a value that is not there yet. */
export interface GetNode {
  readonly kind: "get";
  readonly of: Node;
  readonly key: string | number;
}

/** An operator of the language; see {@link OPERATORS} for what its arguments are. */
export interface OpNode {
  readonly kind: "op";
  readonly op: Operator;
  readonly args: readonly unknown[];
}

/** The place of an argument in a recorded callback. */
export interface ParamNode {
  readonly kind: "param";
  /** What people called it, for messages. */
  readonly name: string;
}

/** What a lazy value stands for. */
export type Node = CallNode | GetNode | OpNode | ParamNode;

/**
 * A callback of a combinator, recorded: it was called once with placeholders, and `body` is what
 * it built.
 */
export class Lambda {
  readonly params: readonly ParamNode[];
  /** A value that may hold lazy parts, among them the placeholders. */
  readonly body: unknown;

  constructor(params: readonly ParamNode[], body: unknown) {
    this.params = params;
    this.body = body;
  }
}

/** The operators, each with what its arguments are. Any argument may be lazy. */
export const OPERATORS = {
  /** `[value]`: a value with lazy parts, as one expression (`all`). */
  value: 1,
  /** `[list, Lambda(item, index)]`. */
  map: 2,
  /** `[test, yes, no]`: only the branch chosen is evaluated. */
  cond: 3,
  /** `[items]`: each starts when the one before has finished. */
  seq: 1,
  /** `[value, Lambda(error)]`: the callback's result when the value fails. */
  attempt: 2,
  /** `[error]`: fails with it (an Error, or text). */
  fail: 1,
  /** `[list, Lambda(accumulated, item), initial?]`: from the left; without an initial value the first item is it. */
  reduce: 3,
  /** `[lists]`: the list of tuples; the lists have one length. */
  zip: 1,
  /** `[list of lists]`: one level. */
  flatten: 1,
  /** `[list, Lambda(item) → key, size?]`: `{ key, items }` for each key in order of appearance; `size` is a number or a Lambda(item). */
  groupBy: 3,
} as const;

/** The name of an operator. */
export type Operator = keyof typeof OPERATORS;
