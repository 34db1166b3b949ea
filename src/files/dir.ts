import { stat } from "node:fs/promises";
import { join, normalize } from "node:path";
import type { ATOM } from "../expr/index.ts";
import { LigaseError } from "../kernel/index.ts";
import { contentExists } from "./content.ts";
import { eachOf } from "./copy.ts";
import { File } from "./file.ts";
import { Glob } from "./glob.ts";
import { knownOf, Located, setKnown } from "./located.ts";
import { isRemote } from "./location.ts";
import { publishTarget, publishTree } from "./publish.ts";
import { byPath, walk } from "./walk.ts";

/**
 * A directory with all that is in it, as a value. For the cache it counts by its name and by the
 * names, contents and executable bits of its files, at any depth.
 *
 * @example
 * ```ts
 * const runFolder = new Dir("data/run42");
 * const reads = await runFolder.files("**" + "/*.fastq.gz");
 * ```
 */
export class Dir extends Located {
  declare readonly [ATOM]: true;

  /**
   * @param location - a path (relative to the project's folder), or a `file:` URL
   * @throws LigaseError `LIGASE_E_LOCATION` when it is neither
   */
  constructor(location: string | URL) {
    super(location);
    if (isRemote(this.path)) {
      throw new LigaseError("LIGASE_E_LOCATION", `${this.path} cannot be a Dir: http has no directories`, {
        facts: { location: this.path },
        mend: "name its files, each as a File",
      });
    }
  }

  /**
   * Its files, sorted by path; all of them, or those that a pattern names (`*`, `?`, `[a-z]`,
   * `{a,b}`, `**`; a wildcard does not match a leading dot).
   *
   * @throws LigaseError `LIGASE_E_NO_FILE` when the directory does not exist
   */
  async files(pattern?: string): Promise<File[]> {
    const glob = pattern === undefined ? undefined : new Glob(pattern);
    const entries = (await walk(this.path, glob && ((folder) => glob.mayHold(folder)))).filter(
      ({ kind, path }) => (kind === "file" || kind === "link") && (!glob || glob.matches(path)),
    );
    const files = entries.filter(({ kind }) => kind === "file");
    await eachOf(
      entries.filter(({ kind }) => kind === "link"),
      async (link) => {
        if ((await stat(join(this.path, link.path)).catch(() => undefined))?.isFile()) files.push(link);
      },
    );
    return files.sort(byPath).map(({ path }) => new File(join(this.path, path)));
  }

  /**
   * A file in it, which need not be there yet.
   *
   * @throws LigaseError `LIGASE_E_LOCATION` for a path that leads out of the directory
   */
  file(path: string): File {
    const inside = normalize(path);
    if (path === "" || inside === "." || inside.startsWith("/") || inside === ".." || inside.startsWith("../")) {
      throw new LigaseError("LIGASE_E_LOCATION", `${JSON.stringify(path)} is not a file in ${this.path}`, {
        facts: { path, dir: this.path },
        mend: "give a path relative to the directory",
      });
    }
    return new File(join(this.path, inside));
  }

  /** Tells whether it is there. */
  exists(): Promise<boolean> {
    return contentExists(this);
  }

  /**
   * Copies it to where people look for it: to exactly that path, or, when the destination ends in
   * `/`, into that folder under its own name. Where a folder is there already, its files are
   * brought up to date one by one, and others in it stay.
   *
   * @returns the published directory
   */
  async publish(destination: string): Promise<Dir> {
    const to = publishTarget(this.name, destination);
    await publishTree(this.path, to);
    const published = new Dir(to);
    setKnown(published, knownOf(this));
    return published;
  }
}
