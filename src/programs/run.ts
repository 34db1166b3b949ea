import type { Config } from "../config/index.ts";
import type { Run } from "../engine/index.ts";
import { currentEvaluator, describe, nodeOf } from "../expr/index.ts";
import type { Resolved } from "../expr/index.ts";
import { LigaseError } from "../kernel/index.ts";
import type { LogLine } from "./log-lines.ts";
import type { Handle, RunOptions } from "./types.ts";

/**
 * Evaluates a lazy value, or a structure with lazy parts, and waits for the result. Inside of a
 * task it is the same as `await`.
 *
 * @throws LigaseError `LIGASE_E_UNREGISTERED` in a program that was not started with
 * `ligase/register`; `LIGASE_E_CANCELLED`; and whatever the first failing task throws
 * @example
 * ```ts
 * import "ligase/register";
 * import { run } from "ligase";
 * import { align } from "./workflow.ts";
 *
 * const bam = await run(align(sample, reference));
 * ```
 */
export async function run<T>(value: T, options: RunOptions = {}): Promise<Resolved<T>> {
  const evaluator = currentEvaluator();
  if (evaluator) return (await evaluator.evaluate(value)) as Resolved<T>;
  const handle = await start<Resolved<T>>(value, options);
  return handle.result;
}

/**
 * Starts to evaluate a lazy value and answers at once with a handle on the run.
 *
 * @throws LigaseError `LIGASE_E_UNREGISTERED` as {@link run} does; `LIGASE_E_SPAWN` inside of a task
 * @example
 * ```ts
 * const folding = await spawn(fold(sequence));
 * folding.status().jobs.running; // 1
 * await folding.result;
 * ```
 */
export async function spawn<T>(value: T, options: RunOptions = {}): Promise<Handle<Resolved<T>>> {
  if (currentEvaluator()) {
    throw new LigaseError("LIGASE_E_SPAWN", "spawn() starts a run, and this is already inside of one", {
      mend: "call the task: its calls run in parallel, and await waits for them",
    });
  }
  return start<Resolved<T>>(value, options);
}

async function start<T>(value: unknown, options: RunOptions): Promise<Handle<T>> {
  options.signal?.throwIfAborted();
  const context = options.context ?? (process.env["LIGASE_CONTEXT"] || "local");
  if (context !== "local") {
    const { startRemote } = await import("./remote/start.ts");
    return startRemote<T>(value, options.name ?? nameOf(value), { ...options, context });
  }
  // Not before it is needed: workflows that only define tasks import this module too.
  const [{ sessions }, { withoutSecrets }] = await Promise.all([
    import("./session.ts"),
    import("../secrets/command-line.ts"),
  ]);
  const session = await sessions.enter(options.config ?? {});
  let started: Run;
  try {
    const asked = { argv: process.argv.slice(1), tags: options.tags ?? {} };
    const line = await withoutSecrets(asked, session.project.store);
    options.signal?.throwIfAborted();
    started = session.engine.engine.start(
      value,
      { task: options.name ?? nameOf(value), ...line, git: session.git },
      {
        noCache: options.noCache ?? false,
        failFast: options.failFast ?? false,
        sample: options.sample,
        stub: options.stub ?? false,
        keepWork: session.project.settings.keepWork,
        retries: session.project.settings.retries,
      },
    );
  } catch (error) {
    sessions.leave();
    throw error;
  }
  const cancel = (): void => started.cancel();
  options.signal?.addEventListener("abort", cancel, { once: true });
  const result = started.result.finally(() => {
    options.signal?.removeEventListener("abort", cancel);
    sessions.leave();
  });
  // A handle that nobody awaits must not end the program.
  result.catch(() => {});
  return {
    id: started.id,
    // The engine's value is of the expression's type: that is what the types of tasks are for.
    result: result as Promise<T>,
    logs: () => logLinesOf(options.config ?? {}, started),
    status: () => ({ state: started.row.state, jobs: started.progress.total }),
    async cancel() {
      started.cancel();
      await result.catch(() => {});
    },
  };
}

/** The session stays open while somebody reads. */
async function* logLinesOf(config: Config, run: Run): AsyncGenerator<LogLine> {
  const [{ sessions }, { logLines }] = [await import("./session.ts"), await import("./log-lines.ts")];
  const { project } = await sessions.enter(config);
  try {
    yield* logLines(project.store, run.id, () => run.row.endedAt !== null);
  } finally {
    sessions.leave();
  }
}

function nameOf(value: unknown): string {
  const node = typeof value === "object" || typeof value === "function" ? nodeOf(value) : undefined;
  return node ? describe(node) : "run";
}
