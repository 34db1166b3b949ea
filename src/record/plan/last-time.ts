import type { TaskImpl } from "../../expr/task-impl.ts";
import type { Hash } from "../../kernel/index.ts";
import { isLift, SCRIPT } from "../../project/owner.ts";
import type { Store } from "../../store/types.ts";

/** So many calls below an earlier one are counted. */
const MOST_CALLS = 5000;

/** How many calls of which tasks were below a call, near and far. Scripts and lifts are not counted. */
export async function callsBelow(store: Store, key: Hash): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const seen = new Set([key]);
  for (const at of seen) {
    if (seen.size > MOST_CALLS) break;
    for (const child of await store.findChildren(at)) {
      if (seen.has(child.key)) continue;
      seen.add(child.key);
      if (child.task !== SCRIPT && !isLift(child)) counts.set(child.task, (counts.get(child.task) ?? 0) + 1);
    }
  }
  return counts;
}

/** The tasks that the code of a task names, and that theirs name. */
export function namesIn(tasks: ReadonlyMap<string, TaskImpl>, task: TaskImpl): readonly string[] {
  const seen = new Set([task.name]);
  for (const name of seen) {
    for (const part of Object.keys(tasks.get(name)?.definition?.closure ?? {})) {
      if (part.startsWith("task:")) seen.add(part.slice("task:".length));
    }
  }
  seen.delete(task.name);
  return [...seen];
}
