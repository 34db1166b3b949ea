import { Project } from "../lib/project.ts";
import { summarise, takeTurns, within } from "../lib/rounds.ts";
import type { Effort, Result, Suite } from "../lib/suite.ts";

const workflow = `
import { task } from "ligase";
const trivial = task((n: number) => n + 1);
const sum = task((values: number[]) => values.reduce((a, b) => a + b, 0));
export const main = task((n: number) => sum(Array.from({ length: n }, (_, i) => trivial(i))));
`;

interface Aims {
  /** Seconds. */
  readonly first: number;
  readonly cached?: number;
  /** Bytes, of the first run. */
  readonly memory?: number;
}

async function many(n: number, rounds: number, aims: Aims): Promise<Result[]> {
  using project = new Project({ "workflow.ts": workflow });
  const total = String((n * (n + 1)) / 2);
  const { first, cached } = await takeTurns(rounds, {
    first: () => {
      project.forget();
      return project.run("main", { n }, total);
    },
    cached: () => project.run("main", { n }, total),
  });
  const label = `${n.toLocaleString("en")} tasks`;
  const count = { n, of: "tasks" };
  return [
    summarise(`${label}, first`, first, {
      count,
      storeBytes: project.storeBytes(),
      aim: within(aims.first, first, aims.memory),
    }),
    summarise(`${label}, cached`, cached, {
      count,
      ...(aims.cached !== undefined && { aim: within(aims.cached, cached) }),
    }),
  ];
}

/** What Ligase adds to a task that does nothing. */
export const suite: Suite = {
  name: "tasks",
  title: "Trivial tasks",
  about:
    "A task that adds one, called n times by a body that returns a list of calls, each recorded durably in a new store; then the same run again. Times are of the whole command.",
  async measure({ rounds, shrink }: Effort) {
    return [
      ...(await many(5000 / shrink, rounds, { first: 0.8, cached: 0.4 })),
      ...(await many(100_000 / shrink, Math.min(rounds, 3), { first: 10, memory: 400e6 })),
    ];
  },
};
