import type { Store } from "../../store/types.ts";
import type { Keys } from "../services.ts";

/** Opens the keys of a store, and writes the token file of its user. */
export function openKeys(_options: { readonly store: Store; readonly storeDir: string }): Promise<Keys> {
  throw new Error("not built yet");
}
