import MagicString from "magic-string";
import type { CallExpression, Node } from "oxc-parser";
import type { SourceModule } from "../modules/module.ts";
import { walk } from "../syntax/walk.ts";
import type { FoundTask } from "../tasks/found.ts";
import { isAtModuleLevel } from "../tasks/lift.ts";

/** The module of the bundle through which tasks report themselves; see `open.ts`. */
export const PROGRAM_MODULE = "ligase:program";

/** The name under which instrumented modules know it. */
const PROGRAM = "__ligase";

/** What is put into a module before it is bundled. */
export interface Instrumentation {
  /** The tasks and lifts of this module, with the place of their definition. */
  readonly tasks: readonly { readonly task: FoundTask; readonly index: number }[];
  /** What to write for an import, where not the same. */
  readonly specifier: (specifier: string) => string;
  /** Statements and declarators to leave out. */
  readonly omit?: readonly Node[];
}

/**
 * The text of a module as it is bundled: tasks are given the place of their definition, lifts inside
 * functions move to the top level, imports that are only types go, and `import.meta` tells where
 * the module's own file is. Lines stay what they are; where columns change, a source map says so.
 */
export function instrument(module: SourceModule, { tasks, specifier, omit = [] }: Instrumentation): string {
  const text = new MagicString(module.source);
  let moved = false;
  const hashbang = module.program.hashbang;
  if (hashbang) text.remove(hashbang.start, hashbang.end);

  const isOmitted = (node: Node) => omit.some((one) => one.start <= node.start && node.end <= one.end);
  const kept = new Set(module.requests.map((request) => request.node));
  for (const statement of module.program.body) {
    if (statement.type === "ImportDeclaration" && !kept.has(statement.source))
      text.remove(statement.start, statement.end);
  }
  for (const request of module.requests) {
    if (request.how === "url" || request.how === "require" || isOmitted(request.node)) continue; // the file is read from where it is
    const node = request.node.type === "ImportExpression" ? request.node.source : request.node;
    const written = specifier(request.specifier);
    if (written !== request.specifier) text.overwrite(node.start, node.end, JSON.stringify(written));
  }

  let hoisted = 0;
  for (const { task, index } of tasks) {
    if (isOmitted(task.call)) continue;
    moved = true;
    const handle = `${PROGRAM}.handle(${index})`;
    const open = openParenthesis(module.source, task.call);
    if (task.kind === "task" || isAtModuleLevel(task)) {
      text.appendRight(open + 1, `${handle}, `);
      continue;
    }
    const name = `${PROGRAM}_lift${hoisted++}`;
    const { call, fn } = task;
    const callee = module.source.slice(call.callee.start, call.callee.end);
    const isFunction = fn.type === "ArrowFunctionExpression" || fn.type === "FunctionExpression";
    // A function that is only named may not exist yet where the lift goes to.
    text.prependRight(fn.start, `const ${name} = ${callee}(${handle}, ${isFunction ? "" : "(...args) => ("}`);
    text.appendLeft(fn.end, `${isFunction ? "" : ")(...args)"}); `);
    text.overwrite(call.start, fn.start, name);
    if (call.end > fn.end) text.remove(fn.end, call.end);
    text.move(fn.start, fn.end, 0);
  }
  if (replaceMeta(module, text, isOmitted)) moved = true;
  for (const node of omit) text.remove(node.start, node.end);
  // At the end, so that the first line's columns stay; imports are hoisted anyway.
  if (moved) text.append(`\nimport * as ${PROGRAM} from "${PROGRAM_MODULE}";\n`);
  if (!moved) return text.toString();
  const map = text.generateMap({ source: module.path, includeContent: true, hires: "boundary" });
  return `${text.toString()}\n//# sourceMappingURL=${map.toUrl()}`;
}

/** Where the arguments of a call begin: after the callee, its type arguments and any comments. */
function openParenthesis(source: string, call: CallExpression): number {
  let at = call.typeArguments?.end ?? call.callee.end;
  for (;;) {
    if (source.startsWith("//", at)) at = source.indexOf("\n", at);
    else if (source.startsWith("/*", at)) at = source.indexOf("*/", at) + 2;
    else if (source[at] === "(") return at;
    else at++;
  }
}

function replaceMeta(module: SourceModule, text: MagicString, isOmitted: (node: Node) => boolean): boolean {
  if (!module.source.includes("import.meta")) return false;
  let found = false;
  for (const statement of module.program.body) {
    if (isOmitted(statement)) continue;
    walk(statement, {
      enter(node) {
        if (node.type !== "MetaProperty" || node.meta.name !== "import") return;
        text.overwrite(node.start, node.end, `${PROGRAM}.meta(${JSON.stringify(module.id)})`);
        found = true;
      },
    });
  }
  return found;
}
