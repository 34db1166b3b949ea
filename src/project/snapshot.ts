import { readSources } from "../code/sources.ts";
import type { Program } from "../code/types.ts";
import { hashText } from "../kernel/index.ts";
import type { ProgramRow, ValueRow } from "../store/types.ts";

/** What is recorded of a program. */
export interface Snapshot {
  readonly row: ProgramRow;
  /** The texts of its modules, as values. */
  readonly texts: readonly ValueRow[];
}

/**
 * What is recorded of a program that is new: its modules with their texts, so that any two versions of a declaration
 * can be compared when the files are long gone. A text that is recorded already is the same value.
 */
export function snapshotOf(program: Program): Snapshot {
  const texts: ValueRow[] = [];
  const modules = readSources(program).map(({ path, hash, text }) => {
    if (text === undefined) return { path, hash };
    const value = JSON.stringify(text);
    const valueHash = hashText(value);
    texts.push({ hash: valueHash, text: value });
    return { path, hash: valueHash };
  });
  const { id, entry, packages } = program;
  return { row: { id, entry, createdAt: Date.now(), modules, packages }, texts };
}
