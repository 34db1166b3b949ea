import type { Hash } from "../../kernel/index.ts";
import type { TaskRow } from "../../store/types.ts";
import type { Declaration, ProgramTexts } from "../program-texts.ts";

/** A part of a task's code that is not what it was. */
export interface CodeChange {
  readonly part: "code";
  /** `lib/trim.ts#trimAdapters`, `npm:zod`, `asset:panel.json`, `version`. */
  readonly name: string;
  readonly how: "edited" | "added" | "removed" | "version";
  /** Versions of a package, or of the task. */
  readonly before?: string;
  readonly after?: string;
  /** The declaration then and now, where its text was recorded. */
  readonly texts?: { readonly before: Declaration | undefined; readonly after: Declaration | undefined };
}

/** A version of a task, in the program that had it. */
export interface TaskVersion {
  readonly task: TaskRow;
  readonly program: Hash | null;
}

/** What differs in the closures of two versions of a task, without texts. */
export function closureChanges(before: TaskRow, after: TaskRow): readonly CodeChange[] {
  const [was, is] = [before.closure["version"], after.closure["version"]];
  if (was !== undefined || is !== undefined) {
    // A version stands for the whole code: what the one closure lists and the other does not is no change of its own.
    return [
      {
        part: "code",
        name: "version",
        how: "version",
        ...(was !== undefined && { before: was }),
        ...(is !== undefined && { after: is }),
      },
    ];
  }
  const changes: CodeChange[] = [];
  for (const name of new Set([...Object.keys(before.closure), ...Object.keys(after.closure)])) {
    const [a, b] = [before.closure[name], after.closure[name]];
    if (a === b) continue;
    if (a === undefined) changes.push({ part: "code", name, how: "added" });
    else if (b === undefined) changes.push({ part: "code", name, how: "removed" });
    else if (name.startsWith("npm:")) changes.push({ part: "code", name, how: "version", before: a, after: b });
    else changes.push({ part: "code", name, how: "edited" });
  }
  return changes;
}

/** The same with the text of each declaration then and now. */
export async function codeChanges(
  before: TaskVersion,
  after: TaskVersion,
  programs: ProgramTexts,
): Promise<readonly CodeChange[]> {
  return Promise.all(
    closureChanges(before.task, after.task).map(async (change) => {
      if (!/^asset:|#/.test(change.name)) return change;
      const [was, is] = await Promise.all([
        change.how === "added" ? undefined : textOf(change.name, before, programs),
        change.how === "removed" ? undefined : textOf(change.name, after, programs),
      ]);
      const isWhole = (was !== undefined || change.how === "added") && (is !== undefined || change.how === "removed");
      return isWhole ? { ...change, texts: { before: was, after: is } } : change;
    }),
  );
}

async function textOf(
  name: string,
  { task, program }: TaskVersion,
  programs: ProgramTexts,
): Promise<Declaration | undefined> {
  const found = await programs.declaration(program, name);
  if (found) return found;
  // A task in an object (`tools.align`), or of a store without texts: its own definition is always there.
  const isOwn = name === `${task.file}#${task.name}` || name.endsWith(`.${task.name}`);
  return isOwn && task.code !== "" ? { file: task.file, line: task.line, text: task.code } : undefined;
}

/**
 * What changed in the definition of a task, and in the declarations that it names: its options, which are no part of
 * its closure. For what else is in a key: an image, an environment.
 */
export async function definitionChanges(
  before: TaskVersion,
  after: TaskVersion,
  programs: ProgramTexts,
): Promise<readonly { readonly before: Declaration; readonly after: Declaration }[]> {
  const own = `${after.task.file}#${after.task.name}`;
  const is = await programs.declaration(after.program, own);
  const was = await programs.declaration(before.program, own);
  if (!is || !was) return [];
  const changes = was.text === is.text ? [] : [{ before: was, after: is }];
  for (const word of new Set(is.text.match(/[A-Za-z_$][\w$]*/g))) {
    if (word === after.task.name) continue;
    for (const now of await programs.named(after.program, word)) {
      const then = await programs.declaration(before.program, `${now.file}#${word}`);
      if (then && then.text !== now.text) changes.push({ before: then, after: now });
    }
  }
  return changes;
}
