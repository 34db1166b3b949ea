import { LigaseError, nearest } from "../kernel/index.ts";
import { describe } from "./describe.ts";
import { nodeOf } from "./lazy.ts";
import { scriptText } from "./script-text.ts";
import { isRaw, type ScriptOptions, type ScriptSpec, scriptTask } from "./script.ts";
import { isShell, ShellLexer } from "./shell-lexer.ts";
import { makeCall, taskImpl } from "./task.ts";
import type { Expr } from "./types.ts";
import { isPlainRecord } from "./walk.ts";

function refuse(message: string, mend: string, facts: Record<string, unknown> = {}): never {
  throw new LigaseError("LIGASE_E_SCRIPT", message, { mend, facts });
}

/** Names a value the way it stands in the source, with what stands before it. */
function nameOf(value: unknown, index: number, before: string): string {
  const node = nodeOf(value);
  const what = node ? describe(node) : typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : "…";
  const context = before.trimEnd().split("\n").at(-1)!.slice(-24).trimStart();
  return `value ${index + 1} of the script, \${${what}}${context && ` after ${JSON.stringify(context)}`},`;
}

/** Says what is wrong with a value, or nothing. */
function problem(value: unknown): string | undefined {
  if (typeof value === "string") return value.includes("\0") ? "holds a NUL character" : undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `is ${value}`;
  if (typeof value === "bigint" || typeof value === "boolean") return undefined;
  if (typeof value === "function") {
    const task = taskImpl(value);
    return task ? `is the task ${task.name}, not a call of it` : "is a function";
  }
  if (typeof value !== "object" || value === null) return `is ${String(value)}`;
  if (nodeOf(value) || isRaw(value)) return undefined;
  if (Array.isArray(value)) return value.map(problem).find((found) => found !== undefined);
  if (value instanceof Promise) return "is a promise";
  // Whether an instance of a class is a file, only those who stage it can tell.
  return isPlainRecord(value) ? "is an object" : undefined;
}

/** Values in comments are left out: they are read by nobody, and a line break in one would end the comment. */
function checkPlaces(parts: readonly string[], values: readonly unknown[]): { parts: string[]; values: unknown[] } {
  const lexer = new ShellLexer();
  const kept = { parts: [parts[0]!], values: [] as unknown[] };
  lexer.feed(parts[0]!);
  values.forEach((value, i) => {
    const { place } = lexer;
    if (place === "a comment") kept.parts.push(`${kept.parts.pop()!}…${parts[i + 1]!}`);
    else {
      if (place !== "code" && !isRaw(value)) {
        const name = nameOf(value, i, parts[i]!);
        if (place === "after a backslash")
          refuse(`${name} stands right after a backslash`, "remove the backslash: values are quoted as they are", {
            place,
          });
        if (place === "a here-document") {
          refuse(
            `${name} stands in a here-document, where quoting would be part of the text`,
            "put it in a variable before the here-document, or use raw() if it needs no quoting",
            { place },
          );
        }
        refuse(`${name} stands inside ${place}, and is quoted already`, "remove the quotes around ${…}", { place });
      }
      kept.values.push(value);
      kept.parts.push(parts[i + 1]!);
    }
    lexer.value();
    lexer.feed(parts[i + 1]!);
  });
  return kept;
}

const OPTIONS: readonly (keyof ScriptOptions)[] = ["outputs", "interpreter", "env", "inputs"];

/**
 * Checks the options of a script.
 *
 * @throws LigaseError `LIGASE_E_OPTION`, naming the option
 */
export function checkScriptOptions(options: unknown): asserts options is object {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const got = options === undefined ? "nothing" : Array.isArray(options) ? "a list" : `a ${typeof options}`;
    throw new LigaseError("LIGASE_E_SCRIPT", `script() is a template or takes options, and got ${got}`, {
      mend: "write script`samtools view -c ${bam}`, or script({ outputs: … })`…`",
    });
  }
  const wrong = (option: string, message: string, mend: string): never => {
    throw new LigaseError("LIGASE_E_OPTION", message, { facts: { task: "script", option }, mend });
  };
  for (const [option, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    const fine =
      option === "outputs"
        ? typeof value === "string" || typeof value === "object"
        : option === "interpreter"
          ? typeof value === "string" && value.trim() !== ""
          : option === "inputs"
            ? Array.isArray(value) || nodeOf(value) !== undefined
            : option === "env"
              ? typeof value === "object" && value !== null && !Array.isArray(value)
              : undefined;
    if (fine === undefined) {
      const near = nearest(option, OPTIONS);
      const mend = near
        ? `did you mean ${near}?`
        : `options are: ${OPTIONS.join(", ")}; others belong to the task around the script`;
      wrong(option, `script() has no option ${JSON.stringify(option)}`, mend);
    }
    if (!fine)
      wrong(
        option,
        `the option ${option} of script() is ${value === null ? "null" : typeof value}`,
        "see ScriptOptions",
      );
  }
}

/**
 * Makes a call of the script task. The typed tag that people use is `script` of the files floor:
 * what a script leaves is files.
 *
 * @throws LigaseError `LIGASE_E_SCRIPT`, naming the value, when one cannot be interpolated or stands
 * inside quotes of the script's own
 */
export function makeScript(options: ScriptOptions, raw: readonly string[], values: readonly unknown[]): Expr<unknown> {
  const { outputs, interpreter = "bash", env, inputs } = options;
  let text = { parts: scriptText(raw), values: [...values] };
  values.forEach((value, i) => {
    const found = problem(value);
    if (found === undefined) return;
    refuse(
      `${nameOf(value, i, text.parts[i]!)} ${found}`,
      "interpolate text, numbers, files, or lists of them ([] for nothing at all)",
    );
  });
  if (isShell(interpreter)) text = checkPlaces(text.parts, text.values);
  const spec: ScriptSpec = {
    ...text,
    interpreter,
    ...(outputs !== undefined && { outputs }),
    // Lazy parts are allowed here: they are resolved before anyone reads the spec.
    ...(env !== undefined && { env: env as Readonly<Record<string, string>> }),
    ...(inputs !== undefined && { inputs }),
  };
  return makeCall(scriptTask, [spec]);
}
