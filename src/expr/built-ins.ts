import { anyFailed } from "./combinators/attempt-all.ts";
import { scriptTask } from "./script.ts";
import type { TaskImpl } from "./task-impl.ts";

/** Ligase's own tasks, known by their names in every program. */
export const builtIns: ReadonlyMap<string, TaskImpl> = new Map(
  [scriptTask, anyFailed].map((task): [string, TaskImpl] => [task.name, task]),
);
