import { Fingerprints } from "../files/index.ts";
import type { Store } from "../store/types.ts";

/** Finds out what files contain, with what a store knows of them; nothing is recorded: it may be one that can only be read. */
export function fingerprintsOf(store: Store): Fingerprints {
  return new Fingerprints({ index: { find: (path) => store.findFingerprint(path), put() {} } });
}
