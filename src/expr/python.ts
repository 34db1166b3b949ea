import { LigaseError } from "../kernel/index.ts";
import { checkOptions } from "./check-options.ts";
import { DefinitionHandle } from "./definition-handle.ts";
import type { DefinitionOptions } from "./options.ts";
import { callable } from "./task.ts";
import type { TaskImpl } from "./task-impl.ts";
import type { AnyFunction, Resolved, Task } from "./types.ts";

/** The parameters of a function; anything where nothing is said of them. */
type Taken<F extends AnyFunction> = Parameters<F> extends readonly unknown[] ? Parameters<F> : never;

/**
 * Makes a task of a function in a Python file. It is called as any task; its body runs in a Python process, in the image
 * where there is one, and is run again when its code, or that of the helpers it reaches in the project, has changed.
 *
 * What it takes and gives is said by the type parameter: Python's `str`, `int`, `float`, `bool`, `list`, `dict` and `None`
 * are text, numbers, booleans, arrays, objects and `null`; a `Path` or a `File` that it returns is a `File`. Flags and help
 * come from its own annotations and docstring.
 *
 * @typeParam F - the function as TypeScript sees it
 * @param file - relative to the module that calls this, as a literal
 * @param name - of a function at the top of that file, as a literal
 * @param options - as those of `task()`
 * @throws LigaseError `LIGASE_E_OPTION` for an unknown or ill-typed option
 * @example
 * ```ts
 * const tools = Image.debian("12").python("3.11").pip("biopython");
 *
 * export const embed = python<(chunk: string) => number[]>("./embed.py", "embed_chunk", { image: tools });
 * export const main = task((chunks: string[]) => map(chunks, embed));
 * ```
 */
export function python<F extends AnyFunction = (...args: unknown[]) => unknown>(
  file: string,
  name: string,
  options?: DefinitionOptions<Taken<F>, ReturnType<F>>,
): Task<Taken<F>, Resolved<Awaited<ReturnType<F>>>>;
export function python(...given: unknown[]): unknown {
  const handle = given[0] instanceof DefinitionHandle ? given[0] : undefined;
  const [file, fn, options = {}] = handle ? given.slice(1) : given;
  if (typeof file !== "string" || typeof fn !== "string") {
    throw new LigaseError("LIGASE_E_TASK", "python() takes a file and the name of a function", {
      mend: 'write python("./embed.py", "embed_chunk")',
    });
  }
  const { stub, ...checked } = checkOptions(options, handle?.definition.name ?? fn);
  const where = handle?.definition.python;
  const impl: TaskImpl = {
    name: checked.name ?? handle?.definition.name ?? "",
    options: checked,
    fn: () => {
      throw new LigaseError(
        "LIGASE_E_PYTHON",
        `${fn} is a function in Python: it cannot be called within this process`,
        {
          facts: { file, function: fn },
          mend: "call it as a task: its value is awaited, or passed on",
        },
      );
    },
    ...(stub && { stub }),
    definition: handle?.definition,
    ...(where && { python: where }),
    lifted: false,
  };
  handle?.register(impl);
  return callable(impl);
}
