import { join, resolve } from "node:path";
import { readConfig } from "../config/index.ts";
import { findProject } from "../project/index.ts";
import { openRemote, type Remote } from "../remote/index.ts";
import type { OptionSpecs } from "./options.ts";

/** The options of every command that speaks to a server. */
export const REMOTE = {
  context: { type: "text", value: "<name>", doc: "the server to speak to: a context (the one of this machine)" },
  store: { type: "text", value: "<folder>", doc: "the store whose server it is (that of the project around here)" },
} as const satisfies OptionSpecs;

/** What was said of the server. */
export interface RemoteFlags {
  readonly context?: string | undefined;
  readonly store?: string | undefined;
}

/**
 * The server that a command speaks to: that of a context, else the one that runs for the store of this project.
 *
 * @throws LigaseError `LIGASE_E_NO_SERVER` where none runs
 */
export async function remoteOf(flags: RemoteFlags): Promise<Remote> {
  return openRemote(await storeDirOf(flags.store));
}

/** The folder of the store that is meant: named, or that of the project around here. */
export async function storeDirOf(store: string | undefined): Promise<string> {
  if (store !== undefined) return resolve(store);
  const root = findProject(process.cwd());
  const { importModule } = await import("../code/index.ts");
  const settings = await readConfig(root, (file) => importModule(file, join(root, ".ligase", "code")), {
    environment: process.env,
    flags: {},
  });
  return settings.storeDir;
}
