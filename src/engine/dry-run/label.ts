import type { TaskImpl } from "../../expr/task.ts";
import type { Job } from "../job.ts";
import { SCRIPT } from "../options.ts";

/** What people call a task: a script goes by the name of the task that builds it, a lift by where it stands. */
export function labelOf(task: TaskImpl, owner: Job | undefined): string {
  if (task.name === SCRIPT && owner) return owner.task.name;
  if (!task.lifted) return task.name;
  const { file = "", doc = "" } = task.definition ?? {};
  return file === "" ? "a lift" : doc;
}
