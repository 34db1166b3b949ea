import type { Conditions } from "./machine.ts";
import type { Result, Suite } from "./suite.ts";

/** What one suite measured, and where. */
export interface Report {
  readonly suite: string;
  readonly title: string;
  readonly about: string;
  readonly conditions: Conditions;
  readonly results: readonly Result[];
}

/** What a suite measured, as a report. */
export function reportOf(suite: Suite, results: readonly Result[], conditions: Conditions): Report {
  return { suite: suite.name, title: suite.title, about: suite.about, conditions, results };
}

function time(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} µs`;
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  return `${Number(seconds.toPrecision(3))} s`;
}

function bytes(count: number): string {
  return count < 1e9 ? `${Number((count / 1e6).toPrecision(3))} MB` : `${Number((count / 1e9).toPrecision(3))} GB`;
}

function rate({ count, seconds }: Result): string {
  if (!count) return "";
  const perSecond = count.n / seconds;
  return count.of === "bytes" ? `${bytes(perSecond)}/s` : `${Math.round(perSecond).toLocaleString("en")} ${count.of}/s`;
}

const COLUMNS: readonly (readonly [string, (result: Result) => string])[] = [
  ["what", ({ what }) => what],
  ["time", ({ seconds }) => time(seconds)],
  ["from–to", ({ rounds, fastest, slowest }) => (rounds > 1 ? `${time(fastest)}–${time(slowest)}` : "")],
  ["rate", rate],
  ["peak memory", ({ peakMemory }) => (peakMemory ? bytes(peakMemory) : "")],
  ["store", ({ storeBytes }) => (storeBytes ? bytes(storeBytes) : "")],
  ["note", ({ note }) => note ?? ""],
  ["ratio", ({ ratio }) => (ratio ? `${ratio.times.toFixed(2)} × ${ratio.to}` : "")],
  ["aim", ({ aim }) => (aim ? `${aim.text}: ${aim.met ? "yes" : "**no**"}` : "")],
];

/** The results as a Markdown table; columns that nothing fills are left out. */
export function table(results: readonly Result[]): string {
  const columns = COLUMNS.filter(([, cell]) => results.some((result) => cell(result) !== ""));
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(columns.map(([name]) => name)),
    row(columns.map(([name]) => (name === "what" || name === "aim" ? "---" : "--:"))),
    ...results.map((result) => row(columns.map(([, cell]) => cell(result)))),
  ].join("\n");
}

function where({ cpu, cores, memory, kernel, node, commit, day }: Conditions): string {
  return `${day}, commit ${commit}: ${cores} × ${cpu}, ${Math.round(memory / 2 ** 30)} GiB, ${kernel}, Node ${node}`;
}

/** Everything, as a page. */
export function page(reports: readonly Report[]): string {
  const sections = reports.map(
    (report) =>
      `## ${report.title}\n\n${report.about}\n\n${table(report.results)}\n\n<sub>${where(report.conditions)}</sub>\n`,
  );
  return (
    "# Benchmarks\n\nWritten by `npm run bench`. Times are medians; a ratio compares things measured in turns within one " +
    "run on one machine, and is what to compare between machines. The default store is used, with everything " +
    `recorded.\n\n${sections.join("\n")}`
  );
}
