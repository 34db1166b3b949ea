import { join } from "node:path";
import { measure } from "../lib/process.ts";
import { Project, repository } from "../lib/project.ts";
import { summarise, takeTurns, under, type Sample } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

/** So many steps of a pipeline, as tasks or as plain functions: records in, records out, a fan-out in each. */
function pipeline(steps: number, lazy: boolean): string {
  const task = lazy ? "task(" : "(";
  const each = lazy ? "map(list, one)" : "list.map(one)";
  const body = Array.from(
    { length: steps },
    (_, i) => `
interface In${i} { id: string; reads: { path: string; count: number }[]; meta: { depth: number; kind: "wgs" | "rna" } }
interface Out${i} { of: In${i}; bam: string; stats: { mapped: number; q30?: number } }
const one${i} = ${task}(sample: In${i}): Out${i} => ({ of: sample, bam: sample.id, stats: { mapped: sample.meta.depth } }));
const pair${i} = ${task}(a: Out${i}, b: { mapped: number }) => [a.bam, b.mapped] as [string, number]);
export const main${i} = ${task}(list: In${i}[]) => {
  const all = ${each.replace("one", `one${i}`)};
  const first = one${i}({ id: "x", reads: [], meta: { depth: 1, kind: "wgs" } });
  const [name, count] = pair${i}(first, { mapped: first.stats.mapped });
  return { all, name, count };
});`,
  );
  return `${lazy ? 'import { map, task } from "ligase";' : ""}${body.join("")}\n`;
}

const tsconfig = {
  compilerOptions: { target: "es2024", module: "nodenext", strict: true, noEmit: true, skipLibCheck: true, types: [] },
};

/** What the types of lazy values cost the compiler. */
export const suite: Suite = {
  name: "types",
  title: "Type-checking",
  about:
    "A generated file with 200 steps of a pipeline (600 tasks), against the same steps as plain functions: the time of the whole compiler, the types of Node and of Ligase included.",
  async measure({ rounds, shrink }) {
    const steps = Math.ceil(200 / shrink);
    using project = new Project(
      Object.fromEntries(
        ["lazy", "plain"].flatMap((kind) => [
          [`${kind}/steps.ts`, pipeline(steps, kind === "lazy")],
          [`${kind}/tsconfig.json`, JSON.stringify({ ...tsconfig, include: ["steps.ts"] })],
        ]),
      ),
    );
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    const instantiations: Record<string, string> = {};
    const check = (kind: string) => async (): Promise<Sample> => {
      const measured = await measure(process.execPath, [tsc, "-p", kind, "--extendedDiagnostics"], {
        cwd: project.folder,
      });
      const count = Number(/^Instantiations:\s*(\d+)$/m.exec(measured.stdout)?.[1]);
      instantiations[kind] = `${count.toLocaleString("en")} instantiations`;
      return { seconds: measured.seconds };
    };
    const samples = await takeTurns(rounds, { plain: check("plain"), lazy: check("lazy") });
    return [
      summarise("plain functions", samples.plain, { note: instantiations["plain"]! }),
      summarise("tasks", samples.lazy, {
        note: instantiations["lazy"]!,
        against: { name: "functions", samples: samples.plain },
        aim: under(3, "functions", samples.lazy, samples.plain),
      }),
    ];
  },
};
