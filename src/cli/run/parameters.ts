import { schemaParameters } from "../../code/parameters/index.ts";
import type { Parameter } from "../../expr/definition.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";

/** The parameters of a task: from its schema where it has one, otherwise from its source. */
export function parametersOf({ definition, options }: TaskImpl): readonly Parameter[] {
  const source = definition?.parameters ?? [];
  return options.input ? schemaParameters(options.input, source) : source;
}
