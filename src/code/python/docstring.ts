/** A docstring, taken apart. */
export interface Docstring {
  /** What it says, without the sections about parameters, results and errors. */
  readonly text: string;
  /** What it says of each parameter. */
  readonly params: ReadonlyMap<string, string>;
}

const SECTION =
  /^(?:Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Other Parameters|Returns?|Yields?|Raises|Throws|Examples?|Notes?|Warnings?|See Also|References|Attributes)\s*:?\s*$/;
const OF_PARAMETERS = /^(?:Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Other Parameters)\b/;
const FIELD = /^:(param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)$/;

/** The lines of a docstring, without the indentation that it has in the source. */
function linesOf(docstring: string): string[] {
  const lines = docstring.split("\n").map((line) => line.replaceAll("\t", "        ").trimEnd());
  const indents = lines
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.length - line.trimStart().length);
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line, i) => (i === 0 ? line.trimStart() : line.slice(indent)));
}

/**
 * Takes a docstring apart: written as Google does (`Args:`), as NumPy does (`Parameters` with a line below), or in
 * reStructuredText (`:param reads: …`).
 *
 * @example
 * ```ts
 * readDocstring("Count reads.\n\n    Args:\n        reads: the FASTQ file\n").params.get("reads"); // "the FASTQ file"
 * ```
 */
export function readDocstring(docstring: string): Docstring {
  const text: string[] = [];
  const params = new Map<string, string>();
  let section: "none" | "google" | "numpy" | "other" | "field" = "none";
  let indent = 0;
  let named: string[] = [];
  const more = (line: string): void => {
    for (const name of named) params.set(name, `${params.get(name) ?? ""} ${line.trim()}`.trim());
  };
  const lines = linesOf(docstring);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const depth = line.length - line.trimStart().length;
    const underlined = /^-{3,}\s*$/.test(lines[i + 1] ?? "");
    const field = FIELD.exec(line);
    if (depth === 0 && SECTION.test(line) && (line.endsWith(":") || underlined)) {
      section = OF_PARAMETERS.test(line) ? (underlined ? "numpy" : "google") : "other";
      if (underlined) i++;
      indent = 0;
      named = [];
    } else if (field) {
      section = "field";
      named = [field[2]!];
      params.set(field[2]!, field[3]!.trim());
    } else if (/^:\w+[^:]*:/.test(line)) {
      section = "field";
      named = [];
    } else if (section === "google" && line !== "" && depth > 0) {
      if (indent === 0) indent = depth;
      const entry = depth === indent ? /^\*{0,2}(\w+)(?:\s*\([^)]*\))?\s*:\s*(.*)$/.exec(line.trim()) : null;
      if (entry) {
        named = [entry[1]!];
        params.set(entry[1]!, entry[2]!.trim());
      } else more(line);
    } else if (section === "numpy" && line !== "") {
      const entry = depth === 0 ? /^(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$/.exec(line) : null;
      if (entry) {
        named = entry[1]!.split(",").map((name) => name.trim().replace(/^\*+/, ""));
        for (const name of named) params.set(name, "");
      } else more(line);
    } else if (section === "field" && line !== "" && depth > 0) more(line);
    else if (section === "google" && line !== "" && depth === 0) {
      section = "none";
      text.push(line);
    } else if (section === "none" || (section === "field" && line !== "")) text.push(line);
    else if (section === "other" && line !== "" && depth === 0 && i > 0 && lines[i - 1] === "" && !underlined) {
      section = "none";
      text.push(line);
    }
  }
  return {
    text: text
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim(),
    params,
  };
}
