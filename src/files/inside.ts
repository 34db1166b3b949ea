import { existsSync, lstatSync, realpathSync, statSync, type Stats } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { LigaseError } from "../kernel/index.ts";

/** A path relative to a folder that it lies in, by name; nothing when it does not, or is the folder. */
export function pathWithin(folder: string, path: string): string | undefined {
  // The usual case without the cost of `relative`: both are absolute and normal.
  if (path.startsWith(folder) && path.charCodeAt(folder.length) === 47) return path.slice(folder.length + 1);
  const inside = relative(folder, path);
  return inside === "" || inside === ".." || inside.startsWith("../") || isAbsolute(inside) ? undefined : inside;
}

/** What lies at a path in a work directory. */
export interface Found {
  /** Where the content is: the path itself, unless that is a link. */
  readonly real: string;
  readonly link: boolean;
  readonly stats: Stats;
}

/** Says that an output is not in the directory it was made in. */
export function outsideError(what: string, path: string, real: string): LigaseError {
  return new LigaseError(
    "LIGASE_E_OUTPUT_OUTSIDE",
    `${what} (${path}) is a link to ${real}, outside of the work directory`,
    {
      facts: { path, target: real },
      mend: "copy the file instead of linking to it",
    },
  );
}

/** What a link leads to; nothing when that is missing, or the link leads to itself. */
export function follow(link: string): Stats | undefined {
  try {
    return statSync(link);
  } catch {
    return undefined;
  }
}

/** Looks at paths in one work directory, and follows links no further than that. */
export class WorkTree {
  readonly dir: string;
  #real: string | undefined;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** The directory's own path without links. A body that made nothing may have none. */
  get real(): string {
    return (this.#real ??= existsSync(this.dir) ? realpathSync(this.dir) : this.dir);
  }

  /**
   * What lies at a relative path; nothing where there is none.
   *
   * @param what - who asks, for messages: `the output bam`
   * @throws LigaseError `LIGASE_E_OUTPUT_OUTSIDE` when a link leads out of the directory
   */
  look(path: string, what: string): Found | undefined {
    const at = join(this.real, path);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (!stats) return undefined;
    // Without a link in sight the path is real: no need to ask, which costs 10 µs.
    if (!stats.isSymbolicLink() && !path.includes("/")) return { real: at, link: false, stats };
    const target = follow(at);
    if (!target) return undefined;
    const real = realpathSync(at);
    if (pathWithin(this.real, real) === undefined) throw outsideError(what, path, real);
    return { real, link: stats.isSymbolicLink(), stats: target };
  }
}
