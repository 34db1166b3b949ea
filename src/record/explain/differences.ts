import { nameOf } from "../../files/location.ts";
import { type FileTag, isFileTag, type WrittenFile } from "../../files/written.ts";

/** What is recorded of a file or folder in a value. */
export interface FileFacts {
  readonly kind: "file" | "dir";
  /** As the record has it: `./reads.fq` in the project, `ligase:outputs/…` in the store. */
  readonly path: string;
  /** SHA-256 of its content. */
  readonly hash: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
}

/** One place at which two values differ. */
export interface Difference {
  /** `samples[0].reads1`; empty for the whole. */
  readonly path: string;
  /** The same as keys and positions, the argument's first. */
  readonly steps: readonly (string | number)[];
  /** As people write it; nothing where it is absent. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Where both are files or folders. */
  readonly files?: { readonly before: FileFacts; readonly after: FileFacts };
  /** Where both are texts of several lines. */
  readonly texts?: { readonly before: string; readonly after: string };
}

/** So many places are looked for. */
const MOST = 50;
/** A value is shown in so many characters. */
const LONGEST = 200;
/** Of a long text so many characters before the first difference are shown. */
const LEAD = 40;

/** A file or folder as the codec writes it. */
interface Located {
  readonly $: FileTag;
  readonly v: WrittenFile;
}

function isLocated(json: unknown): json is Located {
  return typeof json === "object" && json !== null && "$" in json && isFileTag(json.$);
}

const factsOf = ({ $, v }: Located): FileFacts => ({
  kind: $ === "dir" ? "dir" : "file",
  path: v.path,
  hash: v.hash,
  size: v.size,
});

/** An argument that was not given, so that the function's default counts. */
function isAbsent(json: unknown): boolean {
  return json === undefined || (typeof json === "object" && json !== null && "$" in json && json.$ === "undefined");
}

/** What counts of a value: of a file its name and content. */
function identity(json: unknown): string | undefined {
  return JSON.stringify(json, (_, part: unknown) => (isLocated(part) ? { $: part.$, ...identityOf(part.v) } : part));
}

function identityOf({ path, hash, sidecars }: WrittenFile): object {
  return { name: nameOf(path), hash, sidecars: sidecars?.map(identityOf) };
}

/** A value in a line. */
function show(json: unknown): string {
  if (isLocated(json)) {
    const { path, hash, size } = json.v;
    // Where it lies in the store tells people nothing that its hash does not.
    return `${path.startsWith("ligase:") ? nameOf(path) : path} (${size ?? "?"} bytes, sha256 ${hash?.slice(0, 12) ?? "?"})`;
  }
  if (typeof json === "object" && json !== null && "$" in json && "v" in json) {
    return typeof json.v === "string" ? json.v : JSON.stringify(json.v);
  }
  // Files in it by their names, dates and the like as text.
  const text = JSON.stringify(json, (_, part: unknown) => {
    if (isLocated(part)) return nameOf(part.v.path);
    return typeof part === "object" && part !== null && "$" in part && "v" in part ? part.v : part;
  });
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** Two long texts, each from shortly before the place where they differ. */
function showBoth(a: string, b: string): readonly [string, string] {
  if (Math.max(a.length, b.length) <= LONGEST) return [show(a), show(b)];
  let at = 0;
  while (at < Math.min(a.length, b.length) && a[at] === b[at]) at++;
  const from = Math.max(0, at - LEAD);
  const lead = from > 0 ? "…" : "";
  return [`${lead}${show(a.slice(from))}`, `${lead}${show(b.slice(from))}`];
}

/** Can its parts be compared? */
function isWalkable(json: unknown): json is object {
  return typeof json === "object" && json !== null && !("$" in json);
}

const fieldOf = (json: object, key: string | number): unknown =>
  Object.hasOwn(json, key) ? Reflect.get(json, key) : undefined;

/** `.id`, `["r 1"]`, `[3]` */
function stepText(key: string | number, first: boolean): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${first ? "" : "."}${key}` : `[${JSON.stringify(key)}]`;
}

class Comparison {
  readonly found: Difference[] = [];
  readonly #names: readonly string[] | undefined;

  constructor(names: readonly string[] | undefined) {
    this.#names = names;
  }

  walk(a: unknown, b: unknown, steps: readonly (string | number)[]): void {
    if (this.found.length >= MOST || identity(a) === identity(b)) return;
    if (Array.isArray(a) && Array.isArray(b)) this.#lists(a, b, steps);
    else if (isWalkable(a) && isWalkable(b) && !Array.isArray(a) && !Array.isArray(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        this.walk(fieldOf(a, key), fieldOf(b, key), [...steps, key]);
      }
    } else if (isLocated(a) && isLocated(b)) this.#files(a, b, steps);
    else if (typeof a === "string" && typeof b === "string") {
      const [before, after] = showBoth(a, b);
      const long = a.includes("\n") && b.includes("\n");
      this.#add(steps, before, after, long ? { texts: { before: a, after: b } } : {});
    } else this.#add(steps, isAbsent(a) ? undefined : show(a), isAbsent(b) ? undefined : show(b));
  }

  /** Items put in or taken out are just that, and do not make others of all that follow. Arguments keep their places. */
  #lists(a: readonly unknown[], b: readonly unknown[], steps: readonly (string | number)[]): void {
    let head = 0;
    let tail = 0;
    if ((steps.length > 0 || !this.#names) && a.length !== b.length) {
      const [x, y] = [a.map(identity), b.map(identity)];
      const least = Math.min(a.length, b.length);
      while (head < least && x[head] === y[head]) head++;
      while (tail < least - head && x.at(-1 - tail) === y.at(-1 - tail)) tail++;
    }
    for (let i = head; i < Math.max(a.length, b.length) - tail; i++) {
      const before = i < a.length - tail ? a[i] : undefined;
      const after = i < b.length - tail ? b[i] : undefined;
      this.walk(before, after, [...steps, i]);
    }
  }

  /** The same file with another sidecar is told as that. */
  #files(a: Located, b: Located, steps: readonly (string | number)[]): void {
    const [x, y] = [a.v.sidecars ?? [], b.v.sidecars ?? []];
    if (a.$ === b.$ && a.v.hash === b.v.hash && nameOf(a.v.path) === nameOf(b.v.path)) {
      const wrap = (v: WrittenFile): Located => ({ $: "file", v });
      this.#lists(x.map(wrap), y.map(wrap), [...steps, "sidecars"]);
    } else this.#add(steps, show(a), show(b), { files: { before: factsOf(a), after: factsOf(b) } });
  }

  #add(
    steps: readonly (string | number)[],
    before: string | undefined,
    after: string | undefined,
    more: Pick<Difference, "files" | "texts"> = {},
  ): void {
    this.found.push({ path: this.#pathOf(steps), steps, before, after, ...more });
  }

  #pathOf(steps: readonly (string | number)[]): string {
    const [first, ...rest] = steps;
    if (first === undefined) return "";
    const name = typeof first === "number" ? this.#names?.[first] : undefined;
    const start = name === undefined || name === "" ? stepText(first, true) : name;
    return start + rest.map((key) => stepText(key, false)).join("");
  }
}

/**
 * The places at which two stored values differ.
 *
 * @param before - as the codec writes it
 * @param names - of a task's parameters, when the values are the arguments of two of its calls
 * @example
 * ```ts
 * differences('[{"depth":10}]', '[{"depth":20}]', ["sample"]); // sample.depth: 10, 20
 * ```
 */
export function differences(before: string, after: string, names?: readonly string[]): readonly Difference[] {
  const comparison = new Comparison(names);
  comparison.walk(JSON.parse(before), JSON.parse(after), []);
  return comparison.found;
}
