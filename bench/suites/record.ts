import { fillStore } from "../lib/filled-store.ts";
import { measure } from "../lib/process.ts";
import { Project, runLigase } from "../lib/project.ts";
import { type Sample, summarise, takeTurns, within } from "../lib/rounds.ts";
import type { Effort, Result, Suite } from "../lib/suite.ts";

const workflow = `
import { task, type File } from "ligase";
export const align = task((sample: { id: string; reads: File }) => sample.id);
export const main = task((samples: { id: string; reads: File }[]) => samples.map((sample) => align(sample)));
`;

/** The commands that look, and what must be in their answers. */
const COMMANDS: Readonly<Record<string, { readonly args: readonly string[]; readonly tells: string }>> = {
  tasks: { args: ["tasks", "workflow.ts"], tells: "align(" },
  log: { args: ["log"], tells: "main" },
  "log <run>": { args: ["log", "$run"], tells: "more of align" },
  why: { args: ["why"], tells: "align" },
  "why <task>": { args: ["why", "align"], tells: "align" },
  logs: { args: ["logs"], tells: "" },
};

/** Seconds that each may take. */
const AIM = 0.3;

async function look(runs: number, jobs: number, rounds: number): Promise<Result[]> {
  using project = new Project({ "workflow.ts": workflow });
  await fillStore(project.folder, runs, jobs);
  const newest = (await runLigase(["log", "-n", "1", "--json"], project.folder)).stdout;
  const run = /"id":"([^"]+)"/.exec(newest)?.[1] ?? "";
  const ways: Record<string, () => Promise<Sample>> = {};
  for (const [name, { args, tells }] of Object.entries(COMMANDS)) {
    const words = args.map((word) => (word === "$run" ? run : word));
    ways[name] = async () => {
      const measured = await runLigase(words, project.folder);
      if (!measured.stdout.includes(tells)) throw new Error(`ligase ${words.join(" ")} says ${measured.stdout}`);
      return measured;
    };
  }
  const node = "node -e 0";
  const idle = (): Promise<Sample> => measure(process.execPath, ["-e", "0"]);
  const samples = await takeTurns<string>(rounds * 2, { [node]: idle, ...ways });
  const each = (n: number, of: string): string => `${n.toLocaleString("en")} ${of}${n === 1 ? "" : "s"}`;
  const label = runs === 1 ? `a run of ${each(jobs, "job")}` : `${each(runs, "run")} of ${each(jobs, "job")}`;
  return Object.keys(ways).map((name) =>
    summarise(`ligase ${name}, ${label}`, samples[name]!, {
      against: { name: node, samples: samples[node]! },
      aim: within(AIM, samples[name]!),
    }),
  );
}

/** What it costs to ask. */
export const suite: Suite = {
  name: "record",
  title: "Questions to a large store",
  about:
    "Commands that look, on stores of 100,000 jobs with their calls and values, against Node doing nothing. Times are of the whole command.",
  async measure({ rounds, shrink }: Effort) {
    return [...(await look(1, 100_000 / shrink, rounds)), ...(await look(1000 / shrink, 100, rounds))];
  },
};
