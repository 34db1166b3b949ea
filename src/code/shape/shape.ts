import type { Analysis } from "../analyse.ts";
import { readBody, type TaskIndex } from "./reader.ts";
import type { BodyShape } from "./types.ts";

/**
 * What the bodies of a program's tasks call and what flows from call to call, as far as the source says it. Nothing is
 * run.
 *
 * @returns a function that reads the body of a task, given its name; nothing for a name that is no task
 */
export function shapeOfProgram({
  graph,
  tasks,
}: Pick<Analysis, "graph" | "tasks">): (task: string) => BodyShape | undefined {
  const named = tasks.filter((task) => task.kind === "task");
  const index: TaskIndex = {
    byCall: new Map(tasks.map((task) => [task.call, task])),
    byName: new Map(named.map((task) => [task.name, task])),
    byPath: new Map(
      named.flatMap((task) => (task.path === undefined ? [] : [[`${task.module.path}\0${task.path}`, task]])),
    ),
  };
  return (name) => {
    const task = index.byName.get(name);
    return task && readBody(graph, index, task);
  };
}
