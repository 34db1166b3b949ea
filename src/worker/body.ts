import { withEvaluator } from "../expr/context.ts";
import { encodeExpression } from "../expr/encode.ts";
import { isExpr } from "../expr/lazy.ts";
import type { TaskImpl } from "../expr/task.ts";
import { commitFiles, File, knownOf, withWorkDir } from "../files/index.ts";
import { type Codec, LigaseError } from "../kernel/index.ts";
import type { RunTask } from "./protocol.ts";

/** What a body needs of the world around it. */
export interface BodyContext {
  readonly codec: Codec;
  readonly tasks: ReadonlyMap<string, TaskImpl>;
  /** Sends an awaited expression to the head and gives back its value as text. */
  ask(expression: string): Promise<string>;
}

/** What a body came to. */
export interface BodyResult {
  /** The value, or expression, that it returned. */
  readonly text: string;
  /** Of the files it made, as far as they were taken over here. */
  readonly bytesOut: number;
}

/**
 * Calls a task's body in this process: with arguments of its own, its work directory, and an
 * evaluator that sends what it awaits to the head. Files of the result that lie in the work
 * directory are taken over, unless that is somebody else's business.
 *
 * @throws what the body throws; LigaseError `LIGASE_E_UNSERIALISABLE` for a result that cannot leave
 * the process, `LIGASE_E_NO_TASK`
 */
export async function runBody(context: BodyContext, { task, args, workDir, outputDir }: RunTask): Promise<BodyResult> {
  const { codec, tasks } = context;
  const impl = tasks.get(task);
  if (!impl) {
    throw new LigaseError("LIGASE_E_NO_TASK", `there is no task ${task} in this bundle`, { facts: { task } });
  }
  const evaluator = {
    called: () => {},
    evaluate: async (value: unknown) => codec.decode(await context.ask(encodeExpression(value, codec).text)),
  };
  const body: (...args: never[]) => unknown = impl.fn;
  const values = codec.decode(args) as never[];
  const returned = withEvaluator(evaluator, () => withWorkDir(workDir, () => body(...values)));
  // An expression is thenable, and is not to be evaluated here.
  const value = isExpr(returned) ? returned : await returned;
  const encoded = encodeExpression(value, codec);
  if (encoded.atoms.length === 0 || outputDir === null) return { text: encoded.text, bytesOut: 0 };
  await commitFiles(encoded.atoms, workDir, outputDir);
  const made = encoded.atoms.filter((atom) => atom instanceof File && atom.path.startsWith(outputDir));
  const bytesOut = made.reduce((sum, file) => sum + (file instanceof File ? (knownOf(file)?.size ?? 0) : 0), 0);
  return { text: encodeExpression(value, codec).text, bytesOut };
}
