import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { ATOM } from "../expr/index.ts";
import { LigaseError } from "../kernel/index.ts";
import { contentExists, contentSize, openContent, readContent } from "./content.ts";
import { messageOf } from "./fs-error.ts";
import { Lines } from "./lines.ts";
import { knownOf, localPath, Located, setKnown, setLocalPath } from "./located.ts";
import { isRemote } from "./location.ts";
import { publishContent, publishFileTarget, sidecarName } from "./publish.ts";
import { decodeText, plainChunks } from "./text.ts";
import { currentWorkDir } from "./work-dir.ts";
import { writeAtomically, type Content } from "./write.ts";

declare const FORMAT: unique symbol;
const NONE: readonly File[] = Object.freeze([]);

/**
 * A file, as a value: what a task takes and what it hands on. For the cache it counts by its name
 * and content, never by where it lies.
 *
 * A relative path counts from the project's folder, wherever the run was started, in a task's body
 * too; {@link File.write} is how a body makes a file of its own. An http(s) URL is fetched when a
 * job needs it, and again only when the server says that it changed.
 *
 * `Format` is for the type checker alone: a `File<"fastq">` is not taken for a `File<"bam">`.
 *
 * @example
 * ```ts
 * const samples = new File("samples.csv");
 * for await (const line of samples.lines()) console.log(line);
 * const genome = new File("ref.fa").with("ref.fa.fai");
 * ```
 */
export class File<Format extends string = string> extends Located {
  declare readonly [ATOM]: true;
  declare readonly [FORMAT]: Format;
  /** Files that travel with it and are staged beside it: the index of a reference, the `.bai` of a BAM. */
  readonly sidecars: readonly File[] = NONE;

  /**
   * @param location - a path (relative to the project's folder), or a `file:`, `http:` or `https:` URL
   * @throws LigaseError `LIGASE_E_LOCATION` when it is none of these
   */
  // oxlint-disable-next-line no-useless-constructor -- its documentation
  constructor(location: string | URL) {
    super(location);
  }

  /**
   * The same file with sidecars added.
   *
   * @example
   * ```ts
   * const bam = new File("s1.bam").with("s1.bam.bai");
   * ```
   */
  with(...sidecars: readonly (File | string)[]): File<Format> {
    const copy = new File<Format>(this.path);
    setKnown(copy, knownOf(this));
    const local = localPath(this);
    if (local !== undefined && isRemote(this.path)) setLocalPath(copy, local);
    const added = sidecars.map((side) => (typeof side === "string" ? new File(side) : side));
    setSidecars(copy, [...this.sidecars, ...added]);
    return copy;
  }

  /**
   * Its text: gzip decompressed, UTF-8, without a byte order mark.
   *
   * @throws LigaseError `LIGASE_E_NO_FILE`, `LIGASE_E_GZIP`; `LIGASE_E_FILE_TOO_LARGE` above half a GiB
   */
  async text(): Promise<string> {
    return decodeText(await readContent(this), this.path);
  }

  /** Its lines as they are read, without their ends: gzip decompressed, files of any size. */
  lines(): AsyncIterableIterator<string, undefined> {
    return new Lines(async () => plainChunks(await openContent(this), this.path));
  }

  /**
   * Its content as JSON. The type is taken on trust: check it where it comes from elsewhere.
   *
   * @throws LigaseError `LIGASE_E_JSON` when it is not JSON
   */
  async json<T = unknown>(): Promise<T> {
    const text = await this.text();
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new LigaseError("LIGASE_E_JSON", `${this.path} is not JSON: ${messageOf(cause)}`, {
        facts: { path: this.path },
        mend: "correct the file",
        cause,
      });
    }
  }

  /** Its bytes as they are, gzip or not. */
  bytes(): Promise<Uint8Array> {
    return readContent(this);
  }

  /** Its bytes as they are, as a stream. */
  stream(): Promise<Readable> {
    return openContent(this);
  }

  /** Tells whether it is there. */
  exists(): Promise<boolean> {
    return contentExists(this);
  }

  /** Its size in bytes. */
  size(): Promise<number> {
    return contentSize(this);
  }

  /**
   * Writes it, whole or not at all: readers see the old content or the new. Folders are made.
   *
   * @returns itself
   * @throws LigaseError `LIGASE_E_DISK_FULL`, `LIGASE_E_READ_ONLY`, `LIGASE_E_PERMISSION`
   */
  async write(content: Content): Promise<this> {
    if (isRemote(this.path)) {
      throw new LigaseError("LIGASE_E_READ_ONLY", `cannot write ${this.path}: it is a URL`, {
        facts: { path: this.path },
        mend: "write to a path",
      });
    }
    await writeAtomically(this.path, content);
    setKnown(this, undefined);
    return this;
  }

  /**
   * Makes a file. In a task it lies in the attempt's own directory, from where it is taken over
   * when the task returns it; elsewhere the name counts from the project's folder.
   *
   * @example
   * ```ts
   * const summary = task(async (counts: number[]) => File.write("summary.tsv", counts.join("\t")));
   * ```
   * @throws LigaseError `LIGASE_E_OUTPUT_OUTSIDE` for a name that leads out of the attempt's directory
   */
  static write(name: string, content: Content): Promise<File> {
    const workDir = currentWorkDir();
    if (workDir === undefined) return new File(name).write(content);
    const path = resolve(workDir, name);
    const inside = relative(workDir, path);
    if (inside === "" || inside === ".." || inside.startsWith("../") || isAbsolute(inside)) {
      throw new LigaseError(
        "LIGASE_E_OUTPUT_OUTSIDE",
        `File.write(${JSON.stringify(name)}) leads out of the task's directory`,
        {
          facts: { name, workDir },
          mend: "give a plain name, return the file, and publish it where people look for it",
        },
      );
    }
    return new File(join(workDir, inside)).write(content);
  }

  /**
   * Copies it (sharing blocks where the file system can) to where people look for it: a path, or
   * a folder when the destination ends in `/` or is one. The copy appears whole; a destination
   * with the same content is left alone. Sidecars go beside it.
   *
   * @returns the published file
   * @example
   * ```ts
   * await table.publish("results/");
   * ```
   */
  async publish(destination: string): Promise<File<Format>> {
    return this.#publishAt(await publishFileTarget(this.name, destination));
  }

  async #publishAt(to: string): Promise<File<Format>> {
    await publishContent(this, to);
    const published = new File<Format>(to);
    setKnown(published, knownOf(this));
    const sidecars: File[] = [];
    // One after the other: tools complain of an index that is older than its file.
    for (const side of this.sidecars) {
      sidecars.push(await side.#publishAt(join(dirname(to), sidecarName(side.name, this.name, basename(to)))));
    }
    setSidecars(published, sidecars);
    return published;
  }
}

/** Says what travels with a file. For Ligase only. */
export function setSidecars(file: File, sidecars: readonly File[]): void {
  (file as { sidecars: readonly File[] }).sidecars = sidecars.length === 0 ? NONE : Object.freeze([...sidecars]);
}
