import { hashText, type Hash } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";

/** What the values that are in use name of what lies beside the database. */
export interface Named {
  /** The calls whose files they are made of. */
  readonly outputs: ReadonlySet<Hash>;
  /** The hashes of the URLs. */
  readonly downloads: ReadonlySet<Hash>;
}

/** A file in the store, as the codec writes its place: `ligase:outputs/ab/abcd…/sorted.bam`. */
const OUTPUT = /ligase:outputs\/[0-9a-f]{2}\/([0-9a-f]{40})/g;
/** A trace holds values as texts in a text: the quotes in it are escaped. */
const URL_PLACE = /https?:\/\/[^"\\]+/g;

/** Reads which files in the store and which URLs the values of recorded runs, jobs and calls name. */
export async function namedIn(store: Pick<Store, "eachText">): Promise<Named> {
  const outputs = new Set<Hash>();
  for await (const text of store.eachText("ligase:outputs/")) {
    for (const [, call = ""] of text.matchAll(OUTPUT)) outputs.add(call);
  }
  const downloads = new Set<Hash>();
  for await (const text of store.eachText("http")) {
    for (const [url] of text.matchAll(URL_PLACE)) downloads.add(hashText(url));
  }
  return { outputs, downloads };
}
