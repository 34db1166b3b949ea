import type { StoredPart } from "./stored-parts.ts";

/** A part of the arguments of a call, or of the call that made it, which tells less. */
interface Candidate {
  readonly at: string;
  readonly kind: StoredPart["kind"];
  /** One for each call; empty where it has none. */
  readonly texts: readonly string[];
  readonly rank: number;
}

/** What people know a thing by, best first: an id, a file, and a number only where nothing else differs. */
const KINDS: readonly StoredPart["kind"][] = ["text", "file", "number"];
/** A text this long is no name. */
const LONGEST = 40;
/** So many parts are put together where one alone does not tell them apart. */
const MOST_PARTS = 2;

/**
 * A short name for each of several calls of one task: the part of the arguments in which they differ. It is the one
 * with the most different values; of several the nearest to a name, then the first. Where their own arguments do not
 * tell them apart, those of the calls that made them may.
 *
 * @param calls - the parts of the arguments of each
 * @param makers - the same of the call that made it
 * @param names - of the parameters: numbers are shown with theirs
 * @returns empty texts where nothing tells them apart
 */
export function tellApart(
  calls: readonly (readonly StoredPart[])[],
  makers: readonly (readonly StoredPart[])[],
  names: readonly string[],
): string[] {
  const candidates = [
    ...candidatesOf(calls, names, 0),
    ...candidatesOf(makers, [], KINDS.length).filter(({ kind }) => kind !== "number"),
  ];
  let labels = calls.map(() => "");
  for (let parts = 0; parts < MOST_PARTS; parts++) {
    const scored = candidates.map(({ texts, rank }) => {
      const next = labels.map((label, call) => [label, texts[call]!].filter((text) => text !== "").join(", "));
      return { next, distinct: new Set(next.filter((text) => text !== "")).size, rank };
    });
    const [best] = scored.toSorted((a, b) => b.distinct - a.distinct || a.rank - b.rank);
    // One call is told by its name; of several, what is the same in all tells nothing.
    const before = new Set(labels).size;
    if (!best || (calls.length === 1 ? parts > 0 : best.distinct <= before)) break;
    labels = best.next;
    if (best.distinct === calls.length) break;
  }
  return labels;
}

function candidatesOf(calls: readonly (readonly StoredPart[])[], names: readonly string[], rank: number): Candidate[] {
  const byPlace = new Map<string, (StoredPart | undefined)[]>();
  calls.forEach((parts, call) => {
    for (const part of parts) {
      const place = byPlace.get(part.at) ?? calls.map(() => undefined);
      place[call] = part;
      byPlace.set(part.at, place);
    }
  });
  return [...byPlace].flatMap(([at, parts]) => {
    // What most of them do not have is no name for them.
    if (parts.filter((part) => part).length * 2 <= calls.length) return [];
    const kinds = parts.map((part) => (part ? KINDS.indexOf(part.kind) : 0));
    const worst = Math.max(...kinds);
    const kind = KINDS[worst]!;
    const texts = withoutCommon(parts.map((part) => part?.text ?? ""));
    if (texts.some((text) => text.length > LONGEST)) return [];
    const key = keyOf(at, names);
    const shown = kind === "number" && key !== "" ? texts.map((text) => (text === "" ? "" : `${key} ${text}`)) : texts;
    return [{ at, kind, texts: shown, rank: rank + worst }];
  });
}

function keyOf(at: string, names: readonly string[]): string {
  const path = at.split(".");
  return (path.length === 1 ? names[Number(path[0])] : path.at(-1)) ?? "";
}

/** Long texts without the words that they all begin and end with. */
function withoutCommon(texts: readonly string[]): readonly string[] {
  const [first = ""] = texts;
  if (texts.length < 2 || texts.every((text) => text.length <= LONGEST)) return texts;
  const shortest = Math.min(...texts.map((text) => text.length));
  let head = 0;
  while (head < shortest && texts.every((text) => text[head] === first[head])) head++;
  let tail = 0;
  while (tail < shortest - head && texts.every((text) => text.at(-1 - tail) === first.at(-1 - tail))) tail++;
  const isWord = (letter: string | undefined): boolean => letter !== undefined && /[\p{L}\p{N}_.-]/u.test(letter);
  while (head > 0 && isWord(first[head - 1])) head--;
  while (tail > 0 && isWord(first.at(-tail))) tail--;
  return texts.map((text) => text.slice(head, text.length - tail));
}
