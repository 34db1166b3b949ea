import { nameOf, parseLocation } from "./location.ts";

/** What Ligase knows of a file's content. */
export interface Known {
  /** SHA-256: of the content, or of a directory's manifest. 64 hexadecimal digits. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Who found it out. What one run knows is a claim to the next: the file may have changed
   * between, while the value (a constant of a module, say) lives on in the process.
   */
  readonly by?: object | undefined;
}

interface Facts {
  known?: Known | undefined;
  local?: string | undefined;
}

let factsOf: (value: Located) => Facts;

/** What {@link File} and {@link Dir} share: a place and a name. */
export abstract class Located {
  /** Absolute path, or an http(s) URL. */
  readonly path: string;
  // Private, so that two Files with one path are deeply equal whatever is known of either.
  readonly #facts: Facts = {};

  static {
    factsOf = (value) => value.#facts;
  }

  constructor(location: string | URL) {
    this.path = parseLocation(location);
  }

  /** The last part of the path: what counts, with the content, for the cache. */
  get name(): string {
    return nameOf(this.path);
  }

  /** Its path, so that a result prints as what a flag accepts. */
  toString(): string {
    return this.path;
  }

  /** Its path, so that a result prints as what a flag accepts. */
  toJSON(): string {
    return this.path;
  }
}

/** What is known of its content; nothing while it has no fingerprint. For Ligase only. */
export function knownOf(value: Located): Known | undefined {
  return factsOf(value).known;
}

/** Says what its content is, or that it is unknown again. For Ligase only. */
export function setKnown(value: Located, known: Known | undefined): void {
  factsOf(value).known = known;
}

/** Where its content is on this machine: its path, or for a URL the copy that was fetched, if it was. */
export function localPath(value: Located): string | undefined {
  return factsOf(value).local ?? (/^https?:/i.test(value.path) ? undefined : value.path);
}

/** Says where the content of a URL was fetched to. For Ligase only. */
export function setLocalPath(value: Located, path: string): void {
  factsOf(value).local = path;
}

/**
 * Says that it was moved. For Ligase only: an output is taken over from its work directory while
 * values (and expressions, and closures) that hold it are about.
 */
export function relocate(value: Located, path: string): void {
  (value as { path: string }).path = path;
}
