import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { analyse } from "../../code/analyse.ts";
import { definePythonTasks, PythonCode } from "../../code/python/index.ts";
import { slotsOf } from "../../code/parameters/index.ts";
import type { ParameterType, TaskDefinition } from "../../expr/definition.ts";
import { findProject } from "../../project/project.ts";
import { FlagNames } from "../flags/names.ts";
import type { Candidate } from "./candidate.ts";
import { DIRS, FILES } from "./sources.ts";

/** The tasks that a workflow file exports, from its source: pressing Tab runs nothing. */
export async function readTasks(file: string): Promise<readonly TaskDefinition[]> {
  const path = realpathSync(resolve(file));
  const root = realpathSync(findProject(dirname(path)));
  if (path.endsWith(".py")) return definePythonTasks(new PythonCode(root), path).filter(({ exported }) => exported);
  const { definitions } = analyse(path, root);
  return definitions.filter(({ exported, name }) => exported && !name.startsWith("lift:"));
}

/** The flags of a task, each with what is said of its parameter. */
export function taskFlags({ parameters }: TaskDefinition, reserved: readonly string[]): readonly Candidate[] {
  const all = new FlagNames(slotsOf(parameters), reserved).all();
  return [...all]
    .filter(([, slot]) => slot !== undefined)
    .map(([word, slot]) => ({ word, about: slot!.field.doc.split("\n")[0] ?? "" }));
}

/** What the value of a flag may be; nothing where the word before is no flag that waits for one. */
export function taskValue(
  { parameters }: TaskDefinition,
  reserved: readonly string[],
  word: string,
): readonly Candidate[] | undefined {
  if (!word.startsWith("--")) return undefined;
  const target = new FlagNames(slotsOf(parameters), reserved).find(word.slice(2));
  return target && target.type.kind !== "boolean" ? valuesOf(target.type) : undefined;
}

function valuesOf(type: ParameterType): readonly Candidate[] {
  switch (type.kind) {
    case "enum":
      return type.values.map((value) => ({ word: String(value) }));
    case "file":
      return [FILES];
    case "dir":
      return [DIRS];
    case "array":
      return valuesOf(type.of);
    case "union":
      return type.of.flatMap(valuesOf);
    default:
      return [];
  }
}
