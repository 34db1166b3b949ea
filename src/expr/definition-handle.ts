import type { TaskDefinition } from "./definition.ts";
import type { TaskImpl } from "./task-impl.ts";

/**
 * What the loader puts in front of the arguments of `task(…)` and `lift(…)` in the code it
 * bundles: what it knows of the task, and where the task reports itself when its module is
 * evaluated.
 */
export class DefinitionHandle {
  readonly definition: TaskDefinition;
  readonly register: (task: TaskImpl) => void;

  constructor(definition: TaskDefinition, register: (task: TaskImpl) => void) {
    this.definition = definition;
    this.register = register;
  }
}
