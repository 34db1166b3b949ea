import { titleOf } from "../../images/build/title.ts";
import type { ImageRow } from "../../store/types.ts";
import { layersOf } from "./definition.ts";
import type { ImageKey } from "./key.ts";
import type { EnvironmentFacts } from "./types.ts";

/**
 * The facts of an environment.
 *
 * @param key - what stood for it in the key of a call; nothing where there is no call
 */
export function factsOf(row: ImageRow, key: ImageKey | undefined): EnvironmentFacts {
  const { identity, engine, digest, reference, packages, definition } = row;
  const layers = layersOf(definition);
  const title = layers.length > 0 ? titleOf(layers) : identity.slice(0, 12);
  return { title, identity, engine, digest, reference, lock: key?.lock ?? null, layers, packages };
}

/** The same of one of which nothing else is recorded. */
export function bareFacts({ identity, host, lock }: ImageKey, digest = ""): EnvironmentFacts {
  const title = identity.slice(0, 12);
  return { title, identity, engine: host ? "host" : "", digest, reference: null, lock, layers: [], packages: {} };
}

/**
 * The row of an environment among all that are recorded, the newest first.
 *
 * @param digest - of the environment that an attempt ran in; nothing where that is not known
 */
export function rowFor(
  rows: readonly ImageRow[],
  key: ImageKey | undefined,
  digest: string | undefined,
): ImageRow | undefined {
  if (digest !== undefined) {
    const built = rows.filter((row) => row.digest === digest);
    return built.find((row) => row.identity === key?.identity) ?? built[0];
  }
  if (!key) return undefined;
  const { identity, host, resolved } = key;
  const same = rows.filter((row) => row.identity === identity);
  // Of the tools of a machine only the definition is known, whoever recorded it.
  const [any] = same;
  if (host) return any && { ...any, engine: "host", digest: "", packages: {}, reference: null };
  const built = same.filter((row) => row.engine !== "host");
  // What a tag means now need not be what it meant then.
  return resolved === null ? built[0] : built.find((row) => row.reference?.endsWith(resolved));
}

/** An environment in a line: `debian 12, apt bwa (sandbox, 3f9a1c2b7d4e)`. */
export function environmentText({ title, engine, digest }: EnvironmentFacts): string {
  const id = digest.replace(/^sha256:/, "").slice(0, 12);
  const facts = [engine === "host" ? "host: the tools of the machine" : engine, id].filter((fact) => fact !== "");
  return facts.length === 0 ? title : `${title} (${facts.join(", ")})`;
}
