import { isFileTag } from "../../files/written.ts";

/**
 * What a stored value is made of, without the order of its lists: each text, number and file at its place, with how
 * much it counts.
 */
export type Likeness = ReadonlyMap<string, number>;

/** A file counts by its name and its content: with another content it is most likely a newer version of the same. */
const NAME = 0.8;
const CONTENT = 0.2;
/** So many parts of a value are compared. */
const MOST = 2000;

/**
 * Takes a stored value apart, to be compared with many others.
 *
 * @param text - as the codec writes it
 */
export function likeness(text: string): Likeness {
  const parts = new Map<string, number>();
  const add = (place: string, what: string, weight: number): void => {
    const key = `${place} ${what}`;
    parts.set(key, (parts.get(key) ?? 0) + weight);
  };
  const walk = (json: unknown, place: string): void => {
    if (parts.size >= MOST) return;
    if (Array.isArray(json)) {
      // The first list is that of the arguments, which have their places.
      for (const [i, item] of json.entries()) walk(item, place === "" ? String(i) : `${place}.*`);
    } else if (typeof json === "object" && json !== null) {
      if ("$" in json && isFileTag(json.$)) {
        const { path, hash } = (json as unknown as Located).v;
        add(place, `name ${path.slice(path.lastIndexOf("/") + 1)}`, NAME);
        add(place, `content ${hash ?? ""}`, CONTENT);
      } else for (const [key, part] of Object.entries(json)) walk(part, `${place}.${key}`);
    } else add(place, JSON.stringify(json), 1);
  };
  walk(JSON.parse(text), "");
  return parts;
}

/** A file or folder as the codec writes it. */
interface Located {
  readonly v: { readonly path: string; readonly hash?: string };
}

/** How much of one value is not in the other: 1 for each part that was changed, added or removed. */
export function distance(a: Likeness, b: Likeness): number {
  return Math.max(excess(a, b), excess(b, a));
}

function excess(of: Likeness, over: Likeness): number {
  let sum = 0;
  for (const [part, weight] of of) sum += Math.max(0, weight - (over.get(part) ?? 0));
  return sum;
}
