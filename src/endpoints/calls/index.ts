import type { Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { Drivers } from "./types.ts";

/** Opens drivers; none runs yet. */
export function openDrivers(_options: { readonly project: Project; readonly log: Log }): Drivers {
  throw new Error("not built yet");
}
