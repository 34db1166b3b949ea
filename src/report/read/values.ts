import { LigaseError } from "../../kernel/index.ts";
import type { Store } from "../../store/types.ts";

/** So many values are read at once. */
const AT_ONCE = 1000;

/**
 * The texts of values, in pieces. Values that are not there any more are absent, as are those whose file is gone or
 * damaged: a report tells what is left.
 */
export async function* textsOf(store: Store, hashes: Iterable<string | null>): AsyncGenerator<[string, string]> {
  const all = [...hashes].filter((hash) => hash !== null);
  for (let start = 0; start < all.length; start += AT_ONCE) {
    const some = all.slice(start, start + AT_ONCE);
    const found = await orMissing(store.findValues(some));
    if (found) yield* found;
    else for (const hash of some) yield* (await orMissing(store.findValues([hash]))) ?? [];
  }
}

/** The text of one value. */
export async function textOf(store: Store, hash: string | null | undefined): Promise<string | undefined> {
  if (hash === null || hash === undefined) return undefined;
  return (await orMissing(store.findValues([hash])))?.get(hash);
}

/** What was asked for; nothing where a value in it is gone. */
export async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof LigaseError && error.code === "LIGASE_E_VALUE_MISSING") return undefined;
    throw error;
  }
}
