import { layoutNested } from "../../src/graph/layout/index.ts";
import type { LayoutEdge } from "../../src/graph/layout/types.ts";
import { measure } from "../lib/process.ts";
import { Project, runLigase } from "../lib/project.ts";
import { type Sample, summarise, takeTurns, within } from "../lib/rounds.ts";
import type { Effort, Result, Suite } from "../lib/suite.ts";

const workflow = `
import { map, task } from "ligase";
export const samples = task((n: number) => Array.from({ length: n }, (_, i) => ({ id: "S" + i, reads: "r" + i + ".fq" })));
export const trim = task((reads: string) => ({ fastq: reads + ".trimmed", report: reads.length }));
export const align = task((id: string, fastq: string) => ({ bam: id + ":" + fastq }));
export const count = task((bam: string) => bam.length);
export const sum = task((counts: number[], reports: number[]) => counts.length + reports.length);
export const main = task((n: number) => {
  const done = map(samples(n), (sample) => {
    const trimmed = trim(sample.reads);
    return { count: count(align(sample.id, trimmed.fastq).bam), report: trimmed.report };
  });
  return sum(map(done, (one) => one.count), map(done, (one) => one.report));
});
`;

async function ofRun(jobs: number, rounds: number): Promise<Result[]> {
  using project = new Project({ "workflow.ts": workflow });
  const n = Math.floor(jobs / 3);
  await project.run("main", { n }, String(2 * n));
  const draw =
    (...args: string[]) =>
    async (): Promise<Sample> => {
      const measured = await runLigase(["graph", ...args], project.folder);
      if (!measured.stdout.includes("align")) throw new Error(`ligase graph says ${measured.stdout}`);
      return measured;
    };
  const samples = await takeTurns(rounds, {
    "node -e 0": (): Promise<Sample> => measure(process.execPath, ["-e", "0"]),
    tree: draw(),
    svg: draw("--format", "svg"),
    expanded: draw("--expand", "align"),
    source: draw("workflow.ts"),
  });
  const label = `a run of ${jobs.toLocaleString("en")} jobs`;
  return [
    summarise(`ligase graph, ${label}`, samples.tree),
    summarise(`ligase graph --format svg, ${label}`, samples.svg),
    summarise(`ligase graph --expand align, ${label}`, samples.expanded),
    summarise("ligase graph workflow.ts", samples.source, {
      against: { name: "node -e 0", samples: samples["node -e 0"] },
    }),
  ];
}

/** So many samples, each through so many steps, from one node to one. */
function pipelines(samples: number, steps: number): { nodes: number; edges: LayoutEdge[] } {
  const edges: LayoutEdge[] = [];
  const end = samples * steps + 1;
  for (let sample = 0; sample < samples; sample++) {
    const first = 1 + sample * steps;
    edges.push({ from: 0, to: first });
    for (let step = 1; step < steps; step++) edges.push({ from: first + step - 1, to: first + step });
    edges.push({ from: first + steps - 1, to: end });
  }
  return { nodes: end + 1, edges };
}

/** Nodes that take from earlier ones not far away: the same at each call. */
function tangle(nodes: number, edges: number): { nodes: number; edges: LayoutEdge[] } {
  let seed = 1;
  const random = (below: number): number => {
    // A linear congruential generator (Numerical Recipes, § 7.1).
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  return {
    nodes,
    edges: Array.from({ length: edges }, () => {
      const from = random(nodes - 1);
      return { from, to: Math.min(nodes - 1, from + 1 + random(nodes / 20)) };
    }),
  };
}

/** Calls after which the compiler has done what it can: a page lays out again with each change. */
const WARM = 10;

async function layout(
  what: string,
  graph: { nodes: number; edges: LayoutEdge[] },
  rounds: number,
  aim?: number,
): Promise<Result> {
  const padding = { top: 40, side: 16, bottom: 16 };
  const nodes = Array.from({ length: graph.nodes }, () => ({ width: 120, height: 44, group: -1, padding }));
  const once = async (): Promise<Sample> => {
    const start = performance.now();
    layoutNested(nodes, graph.edges, { nodeGap: 20, layerGap: 26, aspect: 1.4 });
    return { seconds: (performance.now() - start) / 1000 };
  };
  for (let i = 0; i < WARM; i++) await once();
  const { laid } = await takeTurns(rounds * 4, { laid: once });
  const count = { n: graph.nodes, of: "nodes" };
  return summarise(what, laid, { count, ...(aim !== undefined && { aim: within(aim, laid) }) });
}

/** What it costs to draw. */
export const suite: Suite = {
  name: "graph",
  title: "Graphs",
  about:
    "A run of 100,000 jobs drawn by its tasks (times are of the whole command), what a workflow file says, and the layout alone, once it is warm: 10,000 nodes as 1,000 samples of 10 steps, and as many that take from 1.2 others each at random, with 64,000 places where edges pass a layer.",
  async measure({ rounds, shrink }: Effort) {
    const nodes = Math.ceil(10_000 / shrink);
    return [
      ...(await ofRun(Math.ceil(100_000 / shrink), rounds)),
      await layout("layout of pipelines", pipelines(Math.ceil(nodes / 10), 10), rounds, 0.04),
      await layout("layout of a tangle", tangle(nodes, Math.ceil(nodes * 1.2)), rounds),
    ];
  },
};
