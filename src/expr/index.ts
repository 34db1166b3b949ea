/**
 * Expressions: the language in which workflows are written. Tasks, lazy values, combinators,
 * options and scripts, as types and as data that can be stored, shipped and replayed.
 *
 * It must know nothing of whatever runs: no files, no store, no processes, no engine. Calls reach
 * the engine only through the evaluator of the body that is running.
 *
 * @module
 */
export { ATOM, type Atom } from "./atom.ts";
export { builtIn } from "./built-in.ts";
export { builtIns } from "./built-ins.ts";
export * from "./combinators/index.ts";
export { currentEvaluator, type Evaluator, withEvaluator } from "./context.ts";
export type { Parameter, ParameterType, TaskDefinition } from "./definition.ts";
export { DefinitionHandle } from "./definition-handle.ts";
export { decodeExpression, type TaskLookup } from "./decode.ts";
export { describe } from "./describe.ts";
export { type EncodedExpression, encodeExpression } from "./encode.ts";
export { isEncodedExpression } from "./wire.ts";
export { isExpr, makeExpr, nodeOf } from "./lazy.ts";
export {
  type CallNode,
  type GetNode,
  Lambda,
  type Node,
  type Operator,
  OPERATORS,
  type OpNode,
  type ParamNode,
} from "./node.ts";
export {
  type AttemptContext,
  type DefinitionOptions,
  type ImageReference,
  type VolumeReference,
  type PerAttempt,
  type RetryOptions,
  type Stub,
  type TaskOptions,
} from "./options.ts";
export { python } from "./python.ts";
export { checkScriptOptions, makeScript } from "./make-script.ts";
export {
  type Interpolation,
  isRaw,
  type OutputSpec,
  type Raw,
  raw,
  type ScriptOptions,
  type ScriptSpec,
  scriptTask,
} from "./script.ts";
export { isShell, ShellLexer, type ShellPlace } from "./shell-lexer.ts";
export { taskAtom } from "./task-atom.ts";
export { callable, callOptions, local, makeCall, task, taskImpl, type TaskImpl, withOptions } from "./task.ts";
export type { AnyTask, Expr, ExprCore, Lazy, LazyArgs, Opaque, Resolved, Task } from "./types.ts";
