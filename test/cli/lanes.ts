import type { Project } from "./project.ts";

/** A workflow that trims the reads of lanes with a helper of another module, and joins them. */
export const FILES = {
  "workflow.ts": `
import { File, map, task } from "ligase";
import { trimAdapters } from "./lib/trim.ts";

/** Trims the reads of a lane. */
export const trim = task(async (reads: File, depth: number = 3) => trimAdapters(await reads.text()).repeat(depth));

/** Joins what was trimmed. */
export const merge = task((all: string[]) => {
  const joined = all.join(",");
  return joined;
});

export const main = task((lanes: File[]) => merge(map(lanes, (lane) => trim(lane))));
`,
  "lib/trim.ts": 'export function trimAdapters(read: string): string {\n  return read.replace(/A+$/, "");\n}\n',
  "a.fq": "ACGTA",
  "b.fq": "ACC",
  "c.fq": "ACTT",
};

/** Runs it on three lanes. */
export const RUN = ["run", "workflow.ts", "--quiet", "--lanes", "a.fq", "b.fq", "c.fq"];

/** The newest run. */
export async function newest(p: Project): Promise<{ id: string; state: string }> {
  const [run] = await p.json<{ id: string; state: string }[]>("log", "-n", "1");
  return run!;
}
