import type { PackedFile } from "../../code/pack/index.ts";
import type { DeploymentManifest } from "../../endpoints/types.ts";

/** What a language says of an app. */
export interface ReadApp extends Pick<DeploymentManifest, "codeHash" | "bundle" | "endpoints"> {
  readonly files: readonly PackedFile[];
  readonly warnings: readonly string[];
}
