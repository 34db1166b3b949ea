import { join, resolve } from "node:path";
import { readConfig } from "../config/index.ts";
import { findProject } from "../project/project.ts";
import { LOCAL, type Remote, remoteFor } from "../remote/index.ts";
import type { OptionSpecs } from "./options.ts";

/** The options of every command that speaks to a server. */
export const REMOTE = {
  context: {
    type: "text",
    value: "<name>",
    doc: "the server: a context, or an address (that of the project around here)",
  },
  store: { type: "text", value: "<folder>", doc: "the store whose server it is (that of the project around here)" },
} as const satisfies OptionSpecs;

/** What was said of the server. */
export interface RemoteFlags {
  readonly context?: string | undefined;
  readonly store?: string | undefined;
}

/**
 * The server that a command speaks to: that of `--context`, or that of the store which `--store` names; else what
 * `LIGASE_CONTEXT` or the current context says, else the one that runs for the project around here.
 *
 * @throws LigaseError `LIGASE_E_CONTEXT`, `LIGASE_E_NO_SERVER`
 * @example
 * ```ts
 * const endpoints = await (await remoteOf(options)).ask<EndpointView[]>("GET", "/endpoints");
 * ```
 */
export function remoteOf({ context, store }: RemoteFlags): Promise<Remote> {
  const name = context ?? (store === undefined ? undefined : LOCAL);
  return remoteFor(name, () => storeDirOf(store));
}

/** The folder of the store that is meant: named, or that of the project around here. */
export async function storeDirOf(store: string | undefined): Promise<string> {
  if (store !== undefined) return resolve(store);
  const root = findProject(process.cwd());
  const load = async (file: string) => {
    const { importModule } = await import("../code/index.ts");
    return importModule(file, join(root, ".ligase", "code"));
  };
  return (await readConfig(root, load, { environment: process.env })).storeDir;
}
