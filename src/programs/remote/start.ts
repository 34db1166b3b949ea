import { join } from "node:path";
import { registeredProgram } from "../../code/registered.ts";
import { LigaseError } from "../../kernel/index.ts";
import { findContext, Remote } from "../../remote/index.ts";
import { unregistered } from "../unregistered.ts";
import type { Handle, RunOptions, RunStatus } from "../types.ts";
import type { RemoteRun } from "./remote-run.ts";
import { submitRun } from "./submit.ts";

/** What counts only for runs in this process. */
const HERE = ["sample", "stub", "config"] as const;

/**
 * Starts to evaluate a value of this program on the server of a context.
 *
 * @throws LigaseError `LIGASE_E_CONTEXT`, `LIGASE_E_UNREGISTERED`; as `submitRun`
 */
export async function startRemote<T>(value: unknown, name: string, options: RunOptions): Promise<Handle<T>> {
  const program = registeredProgram();
  if (!program) throw unregistered();
  const wrong = HERE.find((option) => options[option] !== undefined && options[option] !== false);
  if (wrong !== undefined) {
    throw new LigaseError("LIGASE_E_CONTEXT", `the option ${wrong} is for runs on this machine`, {
      mend: 'leave it away, or run here: context: "local"',
    });
  }
  const context = findContext(options.context);
  if (!context) throw new LigaseError("LIGASE_E_CONTEXT", "no context is meant, and this is no run of this machine");
  const { tags, noCache, failFast, signal } = options;
  const started = await submitRun(new Remote(context), {
    program,
    storeDir: join(program.root, ".ligase"),
    runsItself: true,
    value,
    name,
    ...(tags && { tags }),
    ...(noCache !== undefined && { noCache }),
    ...(failFast !== undefined && { failFast }),
  });
  const cancel = (): void => void started.cancel().catch(() => {});
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  const result = started.result.finally(() => signal?.removeEventListener("abort", cancel));
  result.catch(() => {});
  return {
    id: started.id,
    // The value is of the expression's type, wherever it is evaluated.
    result: result as Promise<T>,
    status: () => statusOf(started),
    async *logs() {
      for await (const { from, task = name, stream, text } of started.logs()) yield { task, job: from, stream, text };
    },
    async cancel() {
      await started.cancel();
      await result.catch(() => {});
    },
  };
}

function statusOf({ view: { state, jobs } }: RemoteRun): RunStatus {
  const none = { pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 };
  return { state: state === "pending" ? "running" : state, jobs: { ...none, ...jobs } };
}
