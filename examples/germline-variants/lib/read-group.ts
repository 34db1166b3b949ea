/**
 * The `@RG` line of a SAM header: where reads come from. Knows nothing of workflows.
 *
 * @module
 */

/** The tags of a read group: `ID`, `SM` (sample), `LB` (library), `PL` (platform), … */
export interface ReadGroup {
  readonly [tag: string]: string;
}

/** The read group of a SAM header that names just one; of any other, nothing. */
export function parseReadGroup(header: string): ReadGroup {
  const [line = "", ...others] = header.split("\n").filter((each) => each.startsWith("@RG\t"));
  const tags = others.length > 0 ? [] : line.split("\t").slice(1);
  return Object.fromEntries(tags.map((tag) => [tag.slice(0, 2), tag.slice(3)]));
}

/**
 * The line as `bwa mem -R` wants it: tabs as `\t`, backslashes doubled.
 *
 * @example
 * readGroupLine({ ID: "ERR1", SM: "NA12878" }); // "@RG\\tID:ERR1\\tSM:NA12878"
 */
export function readGroupLine(readGroup: ReadGroup): string {
  const tags = Object.entries(readGroup).map(([tag, value]) => `${tag}:${value.replaceAll("\\", "\\\\")}`);
  return ["@RG", ...tags].join("\\t");
}
