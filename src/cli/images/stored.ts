import type { Settings } from "../../config/index.ts";
import type { EngineName, ImageEngine, StoredEnvironment } from "../../images/types.ts";
import { usageError } from "../usage-error.ts";

/** An environment, and the engine that built it. */
export interface Held {
  readonly engine: ImageEngine;
  readonly stored: StoredEnvironment;
}

/** The engines that the configuration lets build environments, whether they work now or not: those that are built stay. */
export async function enginesOf({ containerEngine, imagesDir }: Settings): Promise<readonly ImageEngine[]> {
  const { openEngine } = await import("../../images/select/index.ts");
  const names: readonly EngineName[] =
    containerEngine === "auto" ? ["sandbox", "podman", "docker"] : containerEngine === "host" ? [] : [containerEngine];
  return Promise.all(names.map((name) => openEngine(name, { imagesDir })));
}

/** All environments that are built, those used last first. */
export async function listHeld(settings: Settings): Promise<readonly Held[]> {
  const lists = await Promise.all(
    (await enginesOf(settings)).map(async (engine) => (await engine.list()).map((stored) => ({ engine, stored }))),
  );
  return lists.flat().toSorted((a, b) => b.stored.usedAt - a.stored.usedAt);
}

/** Does a word mean an environment: the beginning of its identity or of its digest? */
function isMeant(word: string, { stored: { environment } }: Held): boolean {
  const digest = word.replace(/^sha256:/, "");
  return environment.identity.startsWith(word) || environment.digest.replace(/^sha256:/, "").startsWith(digest);
}

/**
 * The environments that a word means: of one definition there may be several, one an engine.
 *
 * @throws LigaseError `LIGASE_E_ID`, exit status 2, when there is none, or it means several definitions
 */
export function findHeld(all: readonly Held[], word: string): readonly Held[] {
  const found = /^(sha256:)?[0-9a-f]{4,}$/.test(word) ? all.filter((held) => isMeant(word, held)) : [];
  const identities = new Set(found.map(({ stored }) => stored.environment.identity));
  if (identities.size === 1) return found;
  if (identities.size > 1) {
    const ids = [...identities].map((identity) => identity.slice(0, 12));
    throw usageError("LIGASE_E_ID", `${word} may be ${ids.join(" or ")}`, "write more of it", { id: word });
  }
  throw usageError("LIGASE_E_ID", `no environment that is built begins with ${word}`, "ligase image ls lists them", {
    id: word,
  });
}
