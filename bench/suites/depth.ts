import { Project } from "../lib/project.ts";
import { summarise, takeTurns, within, type Sample } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

const workflow = `
import { task, type Expr } from "ligase";

export const down = task((n: number): number | Expr<number> => (n === 0 ? 0 : down(n - 1)));

const step = task((n: number) => n + 1);
export const chain = task((n: number) => {
  let value = step(0);
  for (let i = 1; i < n; i++) value = step(value);
  return value;
});

const add = task((a: number, b: number) => a + b);
export const fib = task((n: number): number | Expr<number> => (n < 2 ? n : add(fib(n - 1), fib(n - 2))));
`;

/** How deep calls may go. */
export const suite: Suite = {
  name: "depth",
  title: "Recursion and chains",
  about:
    "A task that calls itself n times; a loop that hands the result of each of n calls to the next; the naive recursive Fibonacci number, whose equal calls run once.",
  async measure({ rounds, shrink }) {
    const n = 100_000 / shrink;
    const many = n.toLocaleString("en");
    using project = new Project({ "workflow.ts": workflow });
    const fresh = (task: string, size: number, result: string) => (): Promise<Sample> => {
      project.forget();
      return project.run(task, { n: size }, result);
    };
    const samples = await takeTurns(Math.min(rounds, 3), {
      down: fresh("down", n, "0"),
      chain: fresh("chain", n, String(n)),
      fib: fresh("fib", 25, "75025"),
    });
    return [
      summarise(`recursion, ${many} deep`, samples.down, { count: { n, of: "tasks" }, aim: within(10, samples.down) }),
      summarise(`chain of ${many} calls`, samples.chain, { count: { n, of: "tasks" }, aim: within(10, samples.chain) }),
      summarise("fib(25), naive", samples.fib),
    ];
  },
};
