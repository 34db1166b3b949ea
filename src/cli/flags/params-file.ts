import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type * as Yaml from "yaml";
import { LigaseError } from "../../kernel/index.ts";
import { isFields, matchFields, pathText, type Problem, type Slot, valueText } from "../../code/parameters/index.ts";
import { type FlagProblem, type Given, nothing } from "./context.ts";
import { PARAMS } from "./names.ts";
import { mustExist } from "./paths.ts";

/** JSON is read as JSON, which is faster and stricter; anything else as YAML 1.2. */
function parse(text: string, path: string): { readonly value: unknown } | { readonly error: string } {
  if (path.endsWith(".json")) {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
  // Loaded only here: it takes 21 to 28 ms, as long as Node itself takes to start.
  const { parseDocument } = createRequire(import.meta.url)("yaml") as typeof Yaml;
  const document = parseDocument(text, { prettyErrors: true, logLevel: "silent", merge: true });
  const [error] = document.errors;
  if (error) return { error: error.message.split("\n")[0]!.replace(/:$/, "") };
  try {
    return { value: document.toJS() as unknown };
  } catch (failure) {
    return { error: failure instanceof Error ? failure.message : String(failure) };
  }
}

/**
 * Lays what a params file says under what the command line gave. Paths in the file start from its
 * own folder, so that it means the same from wherever it is used. What is wrong is added to the
 * problems.
 */
export function readParamsFile(
  said: string,
  slots: readonly Slot[],
  given: Map<Slot, Given>,
  cwd: string,
  problems: FlagProblem[],
): void {
  const path = resolve(cwd, said);
  let text: string;
  try {
    mustExist("file", path, said, cwd);
    text = readFileSync(path, "utf8");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({
      where: `--${PARAMS}`,
      message: `cannot be read: ${message}`,
      mend: error instanceof LigaseError ? error.mend : undefined,
    });
    return;
  }
  const parsed = parse(text, path);
  if ("error" in parsed) {
    problems.push({ where: said, message: `cannot be read: ${parsed.error}` });
    return;
  }
  // An empty YAML file says nothing.
  const value = parsed.value ?? {};
  if (!isFields(value)) {
    problems.push({ where: said, message: `must be an object with a field per parameter, got ${valueText(value)}` });
    return;
  }
  const wrong: Problem[] = [];
  const matched = matchFields(
    slots.map((slot) => slot.field),
    value,
    [],
    wrong,
  );
  for (const problem of wrong) {
    problems.push({ where: `${said}: ${pathText(problem.path)}`, message: problem.message, mend: problem.mend });
  }
  for (const slot of slots) {
    if (!matched.has(slot.name)) continue;
    const part = given.get(slot) ?? nothing();
    part.written = { value: matched.get(slot.name), source: said, path: [slot.name], base: dirname(path) };
    given.set(slot, part);
  }
}
