import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

/** Debian's package of a program, where it has another name. */
const PACKAGES: Readonly<Record<string, string>> = { bgzip: "tabix", time: "time", bwrap: "bubblewrap" };

/** Is a program on the path? */
export function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * A suite that needs real programs: skipped where one is missing, with a title that says which and how to get it.
 * Nothing is installed here; CI installs everything and counts a skipped test as a failure.
 *
 * @example
 * ```ts
 * needing(["bwa", "samtools"])("aligns", () => { … });
 * ```
 */
export function needing(programs: readonly string[]): (title: string, suite: () => void) => void {
  const missing = programs.filter((program) => !onPath(program));
  if (missing.length === 0) return (title, suite) => describe(title, suite);
  const packages = [...new Set(missing.map((program) => PACKAGES[program] ?? program))];
  const why = `needs ${missing.join(", ")}: apt-get install ${packages.join(" ")}`;
  process.stderr.write(`skipped: ${why}\n`);
  return (title, suite) => describe.skipIf(true)(`${title} [${why}]`, suite);
}
