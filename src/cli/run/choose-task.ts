import type { Program } from "../../code/types.ts";
import { noSuchTask } from "../../engine/calls.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { usageError } from "../usage-error.ts";

/** A task, and the words of the command line that are its own. */
export interface Chosen {
  readonly task: TaskImpl;
  readonly flags: readonly string[];
}

/**
 * The task people asked for by name, or `main`, or the only one there is.
 *
 * @throws LigaseError `LIGASE_E_NO_TASK`, exit status 2, with the nearest one
 */
export function chooseTask(program: Program, file: string, words: readonly string[]): Chosen {
  const exported = [...program.tasks.values()].filter((task) => task.definition?.exported && !task.lifted);
  const names = exported.map((task) => task.name);
  if (exported.length === 0) {
    const python = file.endsWith(".py");
    throw usageError(
      "LIGASE_E_NO_TASK",
      `${file} ${python ? "has no @function" : "exports no task"}`,
      python
        ? "write @function over a def of it: from ligase import function"
        : "export one: export const main = task(() => …)",
      { file },
    );
  }
  const [word] = words;
  if (word !== undefined && !word.startsWith("-")) {
    const asked = exported.find((task) => task.name === word) ?? program.tasks.get(word);
    if (asked) return { task: asked, flags: words.slice(1) };
    const { code, message, mend, facts } = noSuchTask(word, names);
    throw usageError(code, `${message} in ${file}`, mend, facts);
  }
  const task = exported.find((each) => each.name === "main") ?? (exported.length === 1 ? exported[0] : undefined);
  if (task) return { task, flags: words };
  const mend = `name one: ligase run ${file} ${names[0]}; there are ${names.join(", ")}`;
  throw usageError(
    "LIGASE_E_NO_TASK",
    `${file} ${file.endsWith(".py") ? "has" : "exports"} several tasks and none is called main`,
    mend,
    { known: names },
  );
}
