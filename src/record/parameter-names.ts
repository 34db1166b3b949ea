import type { ParamPattern } from "oxc-parser";

/** A parameter as the code of a task names it. */
export interface NamedParameter {
  /** Empty for one that is taken apart at once. */
  readonly name: string;
  /** The text of its default. */
  readonly initial: string | undefined;
}

/** How the text of a function in Python begins. */
const PYTHON = /^(?:@|def |async def )/;

/**
 * The names of a task's parameters, read from its recorded code: what its arguments are called when the workflow file
 * may have changed since, or be gone. Nothing for code that says no names.
 */
export async function parameterNames(code: string): Promise<readonly string[]> {
  return (await namedParameters(code)).map(({ name }) => name);
}

/** The same with the defaults: what a parameter was that was not given. */
export async function namedParameters(code: string): Promise<readonly NamedParameter[]> {
  if (code === "") return [];
  if (PYTHON.test(code)) return (await import("../code/python/index.ts")).writtenParameters(code);
  // 25 ms to load: only for commands that show arguments.
  const { parseSync } = await import("oxc-parser");
  const { program, errors } = parseSync("task.ts", code);
  if (errors.length > 0) return [];
  return (parametersIn(program) ?? []).map((param) => ({ name: nameOf(param), initial: initialOf(param, code) }));
}

function initialOf(param: ParamPattern, code: string): string | undefined {
  const pattern = param.type === "TSParameterProperty" ? param.parameter : param;
  return pattern.type === "AssignmentPattern" ? code.slice(pattern.right.start, pattern.right.end) : undefined;
}

/** The parameters of the first function that is the last argument of a call: `task(options, fn)`. */
function parametersIn(node: unknown): readonly ParamPattern[] | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  if ("type" in node && node.type === "CallExpression" && "arguments" in node) {
    const fn: unknown = (node.arguments as unknown[]).at(-1);
    if (typeof fn === "object" && fn !== null && "params" in fn) return fn.params as ParamPattern[];
  }
  for (const part of Object.values(node)) {
    const found = parametersIn(part);
    if (found) return found;
  }
  return undefined;
}

function nameOf(param: ParamPattern): string {
  const pattern =
    param.type === "TSParameterProperty" ? param.parameter : param.type === "RestElement" ? param.argument : param;
  const target = pattern.type === "AssignmentPattern" ? pattern.left : pattern;
  return target.type === "Identifier" ? target.name : "";
}
