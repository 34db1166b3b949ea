import type { CallExpression, Node } from "oxc-parser";
import type { SourceModule } from "../modules/module.ts";

/** A call of `task`, `python` or `lift` in the source. */
export interface FoundTask {
  readonly kind: "task" | "lift";
  readonly module: SourceModule;
  readonly call: CallExpression;
  /** Of a function in Python: the path of its file, absolute, and its name. */
  readonly python?: { readonly path: string; readonly function: string };
  /** The argument that is the body; of a function in Python, its name. */
  readonly fn: Node;
  /** The option `stub`; where the options are not written in place, all of them. */
  readonly stub: Node | undefined;
  /** The registered name; a lift's is settled once its closure hash is known. */
  readonly name: string;
  /** The binding, or member of one, that holds the task and nothing else: `align`, `tools.align`, `default`. */
  readonly path: string | undefined;
  /** The top-level statement it is in. */
  readonly statement: Node;
  /** What is around it, outermost first, the statement included. */
  readonly ancestors: readonly Node[];
}
