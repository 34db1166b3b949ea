import { type Flow, type GraphNode, jobsIn, type Repeat, type StateCounts, STATES } from "./model.ts";

/** The counts in words: `2 failed, 72 done`; of a single job its state alone. */
export function countsText(counts: StateCounts): string {
  const states = STATES.filter((state) => (counts[state] ?? 0) > 0);
  if (jobsIn(counts) === 1) return states[0]!;
  return states.map((state) => `${counts[state]!.toLocaleString("en")} ${state}`).join(", ");
}

/** The marks behind the name of what may be called more than once, or not at all: `×N`, `?`. */
export function repeatText(repeat: readonly Repeat[] = []): string {
  return repeat.map((each) => (each === "each" ? " ×N" : " ?")).join("");
}

/** What flows along an edge, in words: `bam → reads`; the one name where both are the same. */
export function flowText({ part, parameter }: Flow): string {
  if (part === "" || part === parameter) return parameter;
  return parameter === "" ? part : `${part} → ${parameter}`;
}

/**
 * What is written in a node: its name, and below it what tells it apart, the states of its jobs, and what it calls that
 * it stands in.
 *
 * @param drawn - is it drawn as an arc that it calls itself?
 */
export function linesOf(node: GraphNode, drawn: boolean): readonly [name: string, ...lines: string[]] {
  const { label, detail, counts, loops = [] } = node;
  return [
    label + repeatText(node.repeat),
    ...(detail === undefined ? [] : [detail]),
    ...(counts && jobsIn(counts) > 0 ? [countsText(counts)] : []),
    ...loops.filter((each) => !drawn || each !== label).map((each) => `↻ ${each}`),
  ];
}

/** What stands on an edge, each thing once; nothing where nothing is known. */
export function flowTexts(flows: readonly Flow[]): readonly string[] {
  return [...new Set(flows.map(flowText))].filter((text) => text !== "");
}
