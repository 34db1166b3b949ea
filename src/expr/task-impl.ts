import type { PythonFunction, TaskDefinition } from "./definition.ts";
import type { TaskOptions } from "./options.ts";

/** A task as the engine sees it. */
export interface TaskImpl {
  readonly name: string;
  readonly options: TaskOptions;
  /** The body. */
  readonly fn: (...args: never) => unknown;
  /** What stands in place of the body in a run of stubs. */
  readonly stub?: (...args: never) => unknown;
  /** From the source; absent in a program that was not started with `ligase/register`. */
  readonly definition: TaskDefinition | undefined;
  /** Of a function in Python: where it stands. It has no body here. */
  readonly python?: PythonFunction;
  /** A `lift`: pure, inline, anonymous. */
  readonly lifted: boolean;
}
