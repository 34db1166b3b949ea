import { type AtomCodec, type Json, LigaseError } from "../kernel/index.ts";
import { builtIns } from "./built-ins.ts";
import type { TaskLookup } from "./decode.ts";
import { callable, callOptions, taskImpl } from "./task.ts";
import type { AnyFunction } from "./types.ts";

/** Writes the options of a task that is passed as a value. */
function written(name: string, options: object): Json {
  for (const [option, value] of Object.entries(options)) {
    if (typeof value !== "function" && option !== "image") continue;
    throw new LigaseError(
      "LIGASE_E_UNSERIALISABLE",
      `the option ${option} that withOptions() gave ${name} cannot go with it as a value`,
      {
        facts: { task: name, option },
        mend: `give ${option} where ${name} is made, or call withOptions() where the task is called`,
      },
    );
  }
  return [name, options as Json];
}

/**
 * How tasks are written where they are values: by their names. They count by name too: which code
 * a name stands for is asked when it is called.
 *
 * @param lookup - finds the tasks of this program
 * @example
 * ```ts
 * const codec = new Codec([taskAtom((name) => program.tasks.get(name))]);
 * codec.encode([align, "HG00100"]).text; // [{"$":"task","v":"align"},"HG00100"]
 * ```
 */
export function taskAtom(lookup: TaskLookup): AtomCodec<AnyFunction> {
  const write = (task: AnyFunction): Json => {
    const { name } = taskImpl(task)!;
    const options = callOptions(task);
    return options ? written(name, options) : name;
  };
  return {
    tag: "task",
    is: (value): value is AnyFunction => taskImpl(value) !== undefined,
    identity: (task) => taskImpl(task)!.name,
    encode: write,
    decode(json) {
      const [name, options] = (Array.isArray(json) ? json : [json, undefined]) as [string, object | undefined];
      const impl = builtIns.get(name) ?? lookup(name);
      if (impl) return callable(impl, options);
      throw new LigaseError("LIGASE_E_NO_TASK", `a stored value is the task ${name}, and there is no such task here`, {
        facts: { task: name },
        mend: "it was renamed or removed since; what was given it has to run again",
      });
    },
  };
}
