import { availableParallelism } from "node:os";
import { existsSync } from "node:fs";
import { measure } from "../lib/process.ts";
import { Project } from "../lib/project.ts";
import { summarise, takeTurns, under } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

const workflow = `
import { script, task } from "ligase";
const nothing = task((n: number) => script\`true \${n}\`);
const count = task((all: string[]) => all.length);
export const main = task((n: number) => count(Array.from({ length: n }, (_, i) => nothing(i))));
`;

/** What Ligase adds to a process. */
export const suite: Suite = {
  name: "scripts",
  title: "Trivial scripts",
  about:
    "The script `true` n times in Bash, each with a work directory, kept logs and a record of its own, on tools from the path; against `xargs` and GNU make, which start the same shells as many at a time and keep nothing.",
  async measure({ rounds, shrink }) {
    const n = 1000 / shrink;
    const jobs = availableParallelism();
    const targets = Array.from({ length: n }, (_, i) => `t${i}`).join(" ");
    using project = new Project({
      "workflow.ts": workflow,
      Makefile: `.PHONY: all ${targets}\nall: ${targets}\n${targets}:\n\t@bash -c 'true $@'\n`,
    });
    const numbers = Array.from({ length: n }, (_, i) => `${i}\n`).join("");
    const make = existsSync("/usr/bin/make");
    const samples = await takeTurns(Math.min(rounds, 5), {
      xargs: () =>
        measure("xargs", [`-P${jobs}`, "-n1", "bash", "-euo", "pipefail", "-c", 'true "$0"'], { input: numbers }),
      make: () =>
        make ? measure("make", [`-j${jobs}`, "all"], { cwd: project.folder }) : Promise.resolve({ seconds: 0 }),
      first: () => {
        project.forget();
        return project.run("main", { n }, String(n));
      },
      cached: () => project.run("main", { n }, String(n)),
    });
    const floor = `xargs -P${jobs}`;
    const against = { name: floor, samples: samples.xargs };
    const count = { n, of: "scripts" };
    return [
      summarise(floor, samples.xargs, { count }),
      ...(make ? [summarise(`make -j${jobs}`, samples.make, { count, against })] : []),
      summarise("ligase, first", samples.first, {
        count,
        against,
        storeBytes: project.storeBytes(),
        aim: under(1.5, floor, samples.first, samples.xargs),
      }),
      summarise("ligase, cached", samples.cached, { count, against }),
    ];
  },
};
