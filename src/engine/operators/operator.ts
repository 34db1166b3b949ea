import type { Node, Operator, OpNode } from "../../expr/node.ts";
import type { Cell, ItemSink } from "../cell.ts";
import type { Job } from "../job.ts";

/** Failures that earlier runs recovered from, so that they are replayed rather than tried again. */
export interface Recoveries {
  /** Calls back with the error that a value failed with, if none of the tasks in it has changed since. */
  find(value: unknown, found: (error: Error | undefined) => void): void;
  /** Remembers that a value failed, where the failure would come again. */
  remember(value: unknown, error: Error): void;
}

/** What an operator may ask of the kernel of reduction. */
export interface Kernel {
  cell(node: Node, owner: Job | undefined): Cell<Job>;
  resolve(value: unknown, owner: Job | undefined, done: (value: unknown) => void, fail: Cell<Job>["fail"]): void;
  shape(value: unknown, owner: Job | undefined, shaped: (value: unknown) => void, fail: Cell<Job>["fail"]): void;
  settle(cell: Cell<Job>, value: unknown, owner: Job | undefined): void;
  items(value: unknown, owner: Job | undefined, what: string, sink: ItemSink<Job>): void;
  /** Begins to evaluate the lazy parts of a value, without waiting for them. */
  start(value: unknown, owner: Job | undefined): void;
  /** Runs a step from the queue: how an operator loops without growing the stack. */
  later(step: () => void): void;
  readonly recoveries: Recoveries;
}

/** Gives the cell of one operator node its value. */
export type OperatorRule = (node: OpNode, cell: Cell<Job>, owner: Job | undefined, kernel: Kernel) => void;

/** The rule of each operator. */
export type OperatorRules = Readonly<Record<Operator, OperatorRule>>;
