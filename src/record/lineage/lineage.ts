import type { ProjectRecord } from "../open.ts";
import { Downstream } from "./downstream.ts";
import type { AskedFile } from "./find-file.ts";
import { makerByResult, makerOfFile } from "./maker.ts";
import { Upstream } from "./upstream.ts";
import type { CallOrigin, CallUse } from "./types.ts";

/**
 * Where a file came from: the call that made it, with its arguments, and where those came from, up to the sources.
 *
 * @returns nothing for a source: a file that no recorded call made
 * @example
 * ```ts
 * const file = await findFile(record, "/data/results/s1.bam");
 * const call = await originOfFile(record, file); // { task: "align", run: …, inputs: [{ name: "s1.fq.gz", … }] }
 * ```
 */
export async function originOfFile(record: ProjectRecord, { by, known }: AskedFile): Promise<CallOrigin | undefined> {
  if (by === undefined) return undefined;
  const maker = (await makerOfFile(record, known.hash, known.path)) ?? (await makerByResult(record, known.hash));
  return maker === undefined ? undefined : new Upstream(record).call(maker);
}

/** What was made of a file: the calls that used it, their results, and what was made of those. */
export function usesOfFile(record: ProjectRecord, { by, known }: AskedFile): Promise<readonly CallUse[]> {
  return by === undefined ? Promise.resolve([]) : new Downstream(record).usesOf(known.hash);
}
