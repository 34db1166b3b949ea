import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

/** Debian's package of a program, where it has another name. */
const PACKAGES: Readonly<Record<string, string>> = { bgzip: "tabix", bwrap: "bubblewrap", dot: "graphviz" };

/** Is a program on the path? */
function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a suite needs beyond Node and a shell. */
export interface Needs {
  /** Programs on the path. */
  readonly programs?: readonly string[];
  /** Other things, each with whether it is there: `{ "root, to mount a disk": mounted }`. */
  readonly also?: Readonly<Record<string, boolean>>;
}

/**
 * A suite that needs real components: skipped where one is missing, with a title that says which and how to get it.
 * Nothing is installed here; CI installs everything and counts a skipped test as a failure.
 *
 * @example
 * ```ts
 * describeWith({ programs: ["bwa", "samtools"] })("alignment", () => { … });
 * ```
 */
export function describeWith({ programs = [], also = {} }: Needs): (title: string, suite: () => void) => void {
  const missing = programs.filter((program) => !onPath(program));
  const packages = [...new Set(missing.map((program) => PACKAGES[program] ?? program))];
  const absent = Object.keys(also).filter((what) => !also[what]);
  if (missing.length + absent.length === 0) return (title, suite) => describe(title, suite);
  const install = packages.length > 0 ? ` (apt-get install ${packages.join(" ")})` : "";
  const why = `needs ${[...missing, ...absent].join(", ")}${install}`;
  process.stderr.write(`skipped: ${why}\n`);
  return (title, suite) => describe.skipIf(true)(`${title} [${why}]`, suite);
}
