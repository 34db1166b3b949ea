import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { isFields, matchFields, type Problem, type Slot, valueText } from "../../code/parameters/index.ts";
import { type FlagProblem, type Given, nothing } from "./context.ts";
import { PARAMS } from "./names.ts";
import { mustExist } from "./paths.ts";
import { placeOf, type Source, yaml } from "./source.ts";

/** What stands for stdin. */
const STDIN = "-";

/** JSON is read as JSON, which is faster and stricter; anything else as YAML 1.2. */
function parse(text: string, isJson: boolean): { readonly value: unknown } | { readonly error: string } {
  if (isJson) {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
  const document = yaml().parseDocument(text, { prettyErrors: true, logLevel: "silent", merge: true });
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
 * own folder, so that it means the same from wherever it is used; those in stdin (`-`) from where the
 * command line is read. What is wrong is added to the problems.
 */
export function readParamsFile(
  said: string,
  slots: readonly Slot[],
  given: Map<Slot, Given>,
  cwd: string,
  problems: FlagProblem[],
): void {
  const path = said === STDIN ? undefined : resolve(cwd, said);
  let text: string;
  try {
    if (path !== undefined) mustExist("file", path, said, cwd);
    text = readFileSync(path ?? 0, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({
      where: `--${PARAMS}`,
      message: `cannot be read: ${message}`,
      mend: error instanceof LigaseError ? error.mend : undefined,
    });
    return;
  }
  const source: Source = { name: path === undefined ? "stdin" : said, text };
  const parsed = parse(text, path?.endsWith(".json") ?? /^\s*\{\s*"/.test(text));
  if ("error" in parsed) {
    problems.push({ where: source.name, message: `cannot be read: ${parsed.error}` });
    return;
  }
  // An empty YAML file says nothing.
  const value = parsed.value ?? {};
  if (!isFields(value)) {
    problems.push({
      where: source.name,
      message: `must be an object with a field per parameter, got ${valueText(value)}`,
    });
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
    problems.push({ where: placeOf(source, problem.path), message: problem.message, mend: problem.mend });
  }
  for (const slot of slots) {
    if (!matched.has(slot.name)) continue;
    const part = given.get(slot) ?? nothing();
    const base = path === undefined ? cwd : dirname(path);
    part.written = { value: matched.get(slot.name), source, path: [slot.name], base };
    given.set(slot, part);
  }
}
