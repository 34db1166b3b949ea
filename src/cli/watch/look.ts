import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { treeFacts } from "../../files/manifest.ts";
import { sameFacts, type StatFacts, statFacts } from "../../files/stat-facts.ts";

/** What was seen of a path. */
export interface Look {
  readonly facts: StatFacts | undefined;
  /** Of a small file its content: saving it unchanged is no change. Of others the facts stand for it. */
  readonly content: string | undefined;
}

/** Up to this size the content is read. */
const SMALL = 2 ** 20;
/** Of a folder with more members, only its own facts are looked at. */
const MOST_MEMBERS = 10_000;

/** Looks at a file or folder, which need not be there. */
export async function lookAt(path: string): Promise<Look> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return { facts: undefined, content: undefined };
  const own = statFacts(path);
  if (stats.isDirectory()) return { facts: (await treeFacts(path, MOST_MEMBERS)) ?? own, content: undefined };
  return { facts: own, content: stats.size <= SMALL && stats.isFile() ? contentOf(path) : undefined };
}

/** Is what is there another than what was seen? */
export async function hasChanged(path: string, seen: Look): Promise<boolean> {
  const now = await lookAt(path).catch(() => seen);
  if (now.facts === undefined || seen.facts === undefined) return now.facts !== seen.facts;
  if (sameFacts(now.facts, seen.facts)) return false;
  return now.content === undefined || now.content !== seen.content;
}

function contentOf(path: string): string | undefined {
  try {
    return hash("sha256", readFileSync(path), "hex");
  } catch {
    return undefined;
  }
}
