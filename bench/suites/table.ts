import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { measure } from "../lib/process.ts";
import { Project, repository } from "../lib/project.ts";
import { type Sample, summarise, takeTurns, under } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

const TASKS = 200;

const steps = Array.from({ length: TASKS }, (_, i) => `step${i}`);
const workflow = `
import { task } from "ligase";
${steps.map((step, i) => `const ${step} = task((n: number) => n + ${i});`).join("\n")}
const steps = [${steps.join(", ")}];
const count = task((values: number[]) => values.length);
export const main = task((n: number) => count(Array.from({ length: n }, (_, i) => steps[i % steps.length]!(i))));
`;

/** On a terminal of 80 columns and 24 rows; bash knows the processor time of what it waited for. */
const script = `
stty cols 80 rows 24
TIMEFORMAT='%U %S'
{ time "$LIGASE" run workflow.ts main "$@" >result 2>&3; } 3>&2 2>times
`;

/** Processor seconds of a run, user and system. */
async function cpuOf(project: Project, n: number, ...flags: string[]): Promise<Sample> {
  project.forget();
  const { NO_COLOR: _, CI: __, ...env } = process.env;
  await measure("script", ["-qec", `bash measure.sh --n ${n} ${flags.join(" ")}`, "/dev/null"], {
    cwd: project.folder,
    env: {
      ...env,
      PATH: `${dirname(process.execPath)}:${env["PATH"] ?? ""}`,
      TERM: "xterm-256color",
      LIGASE: join(repository, "bin", "ligase"),
      LIGASE_FROM: "dist",
    },
  });
  const read = (name: string): string => readFileSync(join(project.folder, name), "utf8").trim();
  if (read("result") !== String(n)) throw new Error(`the run gave ${read("result")} in place of ${n}`);
  const [user = NaN, system = NaN] = read("times").split(" ").map(Number);
  return { seconds: user + system };
}

/** What it costs a run to be looked at. */
export const suite: Suite = {
  name: "table",
  title: "The live table",
  about:
    "Processor time of a run of trivial tasks, 200 different ones, on a terminal of 80 columns and 24 rows that shows them live, against the same run with --quiet, which shows nothing. Needs script(1) and bash.",
  async measure({ rounds, shrink }) {
    const n = 100_000 / shrink;
    using project = new Project({ "workflow.ts": workflow, "measure.sh": script });
    const { quiet, live } = await takeTurns(rounds, {
      quiet: () => cpuOf(project, n, "--quiet"),
      live: () => cpuOf(project, n),
    });
    const label = `${n.toLocaleString("en")} tasks`;
    return [
      summarise(`${label}, nothing shown`, quiet),
      summarise(`${label}, live table`, live, {
        against: { name: "nothing shown", samples: quiet },
        aim: under(1.02, "nothing shown", live, quiet),
      }),
    ];
  },
};
