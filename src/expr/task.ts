import { LigaseError } from "../kernel/index.ts";
import { checkOptions } from "./check-options.ts";
import { currentEvaluator } from "./context.ts";
import { DefinitionHandle } from "./definition-handle.ts";
import { makeExpr } from "./lazy.ts";
import type { CallNode } from "./node.ts";
import type { DefinitionOptions, TaskOptions } from "./options.ts";
import type { TaskImpl } from "./task-impl.ts";
import type { AnyTask, Expr, Resolved, Task } from "./types.ts";

export type { TaskImpl } from "./task-impl.ts";

/** The key under which a task keeps what it is. Shared by all copies of this package in a process. */
const IMPL = Symbol.for("ligase.task");
/** The key under which `withOptions` keeps the options of the calls. */
const OPTIONS = Symbol.for("ligase.options");

/** The name of the built-in task that runs scripts; in records and stores a task is its name. */
const SCRIPT = "script";

/** A task as it is at run time. */
interface Callable {
  (...args: unknown[]): unknown;
  readonly [IMPL]: TaskImpl;
  readonly [OPTIONS]: TaskOptions | undefined;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === "function" && IMPL in value;
}

/** What a task is; nothing for any other value. */
export function taskImpl(value: unknown): TaskImpl | undefined {
  return isCallable(value) ? value[IMPL] : undefined;
}

/** The options that `withOptions` gave a task for its calls. */
export function callOptions(value: unknown): TaskOptions | undefined {
  return isCallable(value) ? value[OPTIONS] : undefined;
}

/** Makes a call of a task, and tells the body that is running. */
export function makeCall(task: TaskImpl | string, args: readonly unknown[], options?: TaskOptions): Expr<unknown> {
  const node: CallNode = { kind: "call", task, args, options };
  currentEvaluator()?.called(node);
  return makeExpr(node);
}

/**
 * The function that people call for a task.
 *
 * @param options - those of its calls, over the task's own
 */
export function callable(impl: TaskImpl, options?: TaskOptions): (...args: unknown[]) => Expr<unknown> {
  const call = (...args: unknown[]): Expr<unknown> => {
    if (impl.name === "") {
      throw new LigaseError("LIGASE_E_UNREGISTERED", "a task without a name was called", {
        mend: 'start the program with "ligase", or with "node --import ligase/register", so that tasks take the names of their variables; or give it one: task({ name: "align" }, …)',
      });
    }
    return makeCall(impl, args, options);
  };
  Object.defineProperties(call, {
    name: { value: impl.name },
    [IMPL]: { value: impl },
    [OPTIONS]: { value: options },
  });
  return call;
}

/** Sorts out the arguments of `task(…)` and `lift(…)`: the handle is there when the loader put it there. */
export function definitionParts(
  what: string,
  given: readonly unknown[],
): { handle: DefinitionHandle | undefined; options: TaskOptions } & Pick<TaskImpl, "fn" | "stub"> {
  const handle = given[0] instanceof DefinitionHandle ? given[0] : undefined;
  const rest = handle ? given.slice(1) : given;
  const fn = rest.at(-1);
  const name = handle?.definition.name;
  if (typeof fn !== "function" || rest.length > 2) {
    const got = rest.length === 0 ? "nothing" : rest.length > 2 ? `${rest.length} arguments` : typeof fn;
    throw new LigaseError("LIGASE_E_TASK", `${what}() takes a function as its last argument, and got ${got}`, {
      facts: { name },
      mend: `write ${what}((reads: File) => …), or ${what}({ memory: "4 GiB" }, (reads: File) => …)`,
    });
  }
  if (taskImpl(fn)) {
    throw new LigaseError(
      "LIGASE_E_TASK",
      `${what}() was given a task, ${taskImpl(fn)!.name}, where it takes a function`,
      {
        facts: { name },
        mend: "change the options of a task with withOptions(task, options)",
      },
    );
  }
  const { stub, ...options } = rest.length === 2 ? checkOptions(rest[0], name ?? fn.name) : {};
  return { handle, options, fn: fn as (...args: never) => unknown, ...(stub && { stub }) };
}

/**
 * Makes a task of a function: calling it gives a lazy value, and what it computes is recorded and
 * never computed twice. The function may be `async` and await what it needs, or (better) return
 * lazy values, which are then reduced without holding it.
 *
 * Its name is that of the variable; its types are those of the function, type parameters
 * included.
 *
 * @throws LigaseError `LIGASE_E_OPTION` for an unknown or ill-typed option; `LIGASE_E_TASK` for
 * anything but a function
 * @example
 * ```ts
 * export const gc = task((sequence: string) => sequence.replace(/[^GC]/g, "").length / sequence.length);
 *
 * export const align = task({ cpu: 4, memory: "8 GiB" }, (sample: Sample, reference: Reference) =>
 *   script({ outputs: { bam: "sorted.bam" } })`bwa mem -t $LIGASE_CPU ${reference.fasta} ${sample.reads} | samtools sort -o sorted.bam`,
 * );
 * ```
 */
export function task<A extends readonly unknown[], R>(fn: (...args: A) => R): Task<A, Resolved<Awaited<R>>>;
export function task<A extends readonly unknown[], R>(
  options: DefinitionOptions<A, R>,
  fn: (...args: A) => R,
): Task<A, Resolved<Awaited<R>>>;
export function task(...given: unknown[]): unknown {
  const { handle, options, fn, stub } = definitionParts("task", given);
  const name = options.name ?? handle?.definition.name ?? fn.name;
  if (name === SCRIPT) {
    throw new LigaseError("LIGASE_E_TASK", `a task cannot be called ${SCRIPT}: that is what runs scripts`, {
      facts: { name },
      mend: "give it another name",
    });
  }
  const impl: TaskImpl = {
    name,
    options,
    fn,
    ...(stub && { stub }),
    definition: handle?.definition,
    lifted: false,
  };
  handle?.register(impl);
  return callable(impl);
}

/** The task behind a value that must be one. */
function expectTask(value: unknown, what: string): TaskImpl {
  const impl = taskImpl(value);
  if (impl) return impl;
  const got = typeof value === "function" ? `the function ${value.name || "given"}` : String(value);
  throw new LigaseError("LIGASE_E_TASK", `${what}() takes a task, and got ${got}`, {
    mend: "make it a task: const align = task((reads: File) => …)",
  });
}

/**
 * The same task with other options for the calls made through it. Its identity stays: only
 * `version` and `image` have a part in what is run again.
 *
 * @throws LigaseError `LIGASE_E_OPTION` for an unknown or ill-typed option
 * @example
 * ```ts
 * const bam = withOptions(align, { memory: "32 GiB", retries: 2 })(sample, reference);
 * ```
 */
export function withOptions<T extends AnyTask>(task: T, options: TaskOptions): T {
  const impl = expectTask(task, "withOptions");
  const checked = checkOptions(options, impl.name);
  for (const fixed of ["name", "input", "stub"] as const) {
    if (checked[fixed] !== undefined) {
      throw new LigaseError("LIGASE_E_OPTION", `withOptions(${impl.name}) cannot change the option ${fixed}`, {
        facts: { task: impl.name, option: fixed },
        mend: `give it where the task is made: task({ ${fixed}: … }, …)`,
      });
    }
  }
  // It takes the same arguments and gives the same result: the type is that of the task itself.
  return callable(impl, { ...callOptions(task), ...checked }) as unknown as T;
}

/**
 * The plain function of a task: calling it runs the body here and now, without a record. Inside a
 * task, the function then counts as part of that task's code. Type parameters do not survive it:
 * of a generic function, use the function itself.
 *
 * @returns what the body returns; a promise when the body is `async`
 * @example
 * ```ts
 * expect(await local(gc)("GATTACA")).toBeCloseTo(0.286);
 * ```
 */
export function local<A extends readonly unknown[], R>(task: Task<A, R>): (...args: A) => R | Promise<R> {
  const impl = expectTask(task, "local");
  return impl.fn as unknown as (...args: A) => R | Promise<R>;
}
