import { File, nameOf } from "../files/index.ts";
import type { Codec } from "../kernel/index.ts";
import type { ValueFile } from "../store/types.ts";

/** The place of a file in the text of a value, as `files/codec.ts` writes it. */
interface Written {
  path?: unknown;
  hash?: unknown;
  sidecars?: unknown;
}

/** Few values hold files: a look for the tag spares the others a walk. */
export function holdsFiles(text: string): boolean {
  return text.includes('"$":"file"') || text.includes('"$":"dir"');
}

/** Calls back for each file and folder in parsed JSON, sidecars too. */
function eachPlace(json: unknown, visit: (place: Written) => void): void {
  if (json === null || typeof json !== "object") return;
  if (Array.isArray(json)) {
    for (const part of json) eachPlace(part, visit);
    return;
  }
  const { $: tag, v } = json as { $?: unknown; v?: unknown };
  if (tag !== "file" && tag !== "dir") for (const part of Object.values(json)) eachPlace(part, visit);
  else if (typeof v === "object" && v !== null) {
    visit(v);
    const { sidecars } = v as Written;
    if (Array.isArray(sidecars)) for (const side of sidecars) visit(side as Written);
  }
}

/**
 * Where the files are that a call was given. What is recorded of an equal call, here or on another machine, names the
 * places where they were then. A file counts by name and content, so the one at hand stands for it; but only for one
 * in a place where this argument was seen before: a copy that the call itself made elsewhere is something else, though
 * its name and content are the same.
 */
export class GivenFiles {
  /** By content and earlier place. */
  readonly #now = new Map<string, string>();

  /**
   * @param args - the arguments, as the codec writes them
   * @param seen - every place where the files in these arguments were seen
   */
  constructor(codec: Codec, args: string, seen: readonly ValueFile[]) {
    const written = (path: string): unknown => {
      const { v } = JSON.parse(codec.encode(new File(path)).text) as { v?: Written };
      return v?.path;
    };
    const given = new Map<string, Written>();
    if (holdsFiles(args)) {
      eachPlace(
        JSON.parse(args),
        (place) => void given.set(`${String(place.hash)} ${nameOf(String(place.path))}`, place),
      );
    }
    for (const { hash, name, path } of seen) {
      const now = given.get(`${hash} ${name}`)?.path;
      if (typeof now === "string") this.#now.set(`${hash} ${String(written(path))}`, now);
    }
  }

  /** The text of a recorded value or expression with the files in it where they are now. */
  placed(text: string): string {
    if (this.#now.size === 0 || !holdsFiles(text)) return text;
    const json: unknown = JSON.parse(text);
    let moved = false;
    eachPlace(json, (place) => {
      const now = this.#now.get(`${String(place.hash)} ${String(place.path)}`);
      if (now === undefined || now === place.path) return;
      place.path = now;
      moved = true;
    });
    return moved ? JSON.stringify(json) : text;
  }
}
