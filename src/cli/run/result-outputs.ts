import { Dir, File, knownOf, Output, saidType } from "../../files/index.ts";
import { type Links, openLinks, type LinkSettings } from "../../files/links/index.ts";
import type { RecordedOutput } from "../../record/outputs.ts";
import { outputJson, outputLines, placeOfOutput } from "../reports/output-lines.ts";
import type { Paint } from "../terminal/terminal.ts";

/** How the outputs in a result are shown. */
export interface ResultOutputs {
  /** In the result as people read it: a link, or a path. */
  asText(output: Output): unknown;
  /** In the result as a program reads it. */
  asJson(output: Output): unknown;
  /** Below it. */
  lines(value: unknown, paint: Paint): string[];
}

/** Shows the outputs in the result of a run; of a result without any nothing is looked for. */
export function resultOutputs(storeDir: string, settings: LinkSettings): ResultOutputs {
  let opened: Links | undefined;
  const links = (): Links => (opened ??= openLinks(storeDir, settings));
  const recorded = (output: Output): RecordedOutput | undefined => {
    const known = knownOf(output);
    const { name, path, mediaType } = output;
    return known && { at: "", name, path, hash: known.hash, size: known.size, mediaType, saidType: saidType(output) };
  };
  return {
    asText(output) {
      const known = recorded(output);
      return known ? placeOfOutput(known, links()) : output.path;
    },
    asJson(output) {
      const known = recorded(output);
      return known ? outputJson(known, links()) : { path: output.path };
    },
    lines(value, paint) {
      const found = new Map<string, RecordedOutput>();
      for (const output of outputsOf(value)) {
        const known = recorded(output);
        if (known) found.set(known.path, known);
      }
      const [some, more] = [[...found.values()].slice(0, MOST), found.size - MOST];
      const lines = some.length > 0 ? outputLines(some, links(), paint, "  ") : [];
      if (more > 0) lines.push(paint("dim", `  ${more} more: ligase outputs`));
      return lines;
    },
  };
}

/** So many are shown below a result. */
const MOST = 10;

function* outputsOf(value: unknown): Generator<Output> {
  if (value instanceof Output) yield value;
  else if (value instanceof File || value instanceof Dir) return;
  else if (Array.isArray(value) || value instanceof Set || value instanceof Map) {
    for (const item of value as Iterable<unknown>) yield* outputsOf(item);
  } else if (typeof value === "object" && value !== null)
    for (const part of Object.values(value)) yield* outputsOf(part);
}
