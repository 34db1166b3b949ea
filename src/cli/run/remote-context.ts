import type { RemoteOptions } from "../../remote/index.ts";
import { usageError } from "../usage-error.ts";
import type { RunOptions } from "./options.ts";

/** What says how a run goes on here, and not on a server. */
const HERE = [
  "dry-run",
  "jsonl",
  "sample",
  "stub",
  "force",
  "keep-work",
  "cpus",
  "memory",
  "retries",
  "profile",
  "container",
  "notify",
  "watch",
  "store",
] as const satisfies readonly (keyof RunOptions)[];

/** A server that a run is meant for. */
export type RemoteContext = RemoteOptions & { readonly name: string };

/** The server that a run is meant for: `--context`, else `LIGASE_CONTEXT`; nothing for a run here. */
export async function remoteContext({ context }: Pick<RunOptions, "context">): Promise<RemoteContext | undefined> {
  // A context that was chosen for looking at servers sends no work away.
  const named = context ?? (process.env["LIGASE_CONTEXT"] || undefined);
  if (named === undefined) return undefined;
  // Most runs are here, and load nothing of servers.
  const { findContext } = await import("../../remote/contexts.ts");
  return findContext(named);
}

/**
 * Refuses what goes with runs on this machine alone.
 *
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2
 */
export function checkRemoteOptions(options: RunOptions, context: string): void {
  const wrong = HERE.find((name) => {
    const value = options[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  });
  if (wrong === undefined) return;
  throw usageError(
    "LIGASE_E_FLAG",
    `--${wrong} is for runs on this machine, and this one goes to ${context}`,
    "leave one of them away",
  );
}
