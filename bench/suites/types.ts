import { summarise, takeTurns, type Sample } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";
import { DeclaredPackage } from "../types/measure.ts";
import { GROUP, VERSIONS } from "../types/workflow.ts";

/** What the types of lazy values cost the compiler. */
export const suite: Suite = {
  name: "types",
  title: "Type-checking",
  about:
    "The compiler's check time for a workflow of 300 tasks, against the same workflow as plain async functions. `npm run check` holds the instantiations a task costs to the budget in `bench/types/budget.json`.",
  async measure({ rounds, shrink }) {
    const groups = Math.ceil(300 / GROUP / shrink);
    using ligase = new DeclaredPackage();
    const notes: Record<string, string> = {};
    const check = (name: string, module: string) => (): Promise<Sample> => {
      const { checkMs, instantiations } = ligase.check(module);
      notes[name] = `${instantiations.toLocaleString("en")} instantiations`;
      return Promise.resolve({ seconds: checkMs / 1000 });
    };
    const samples = await takeTurns(rounds, {
      functions: check("functions", VERSIONS.functions(groups)),
      tasks: check("tasks", VERSIONS.tasks(groups)),
    });
    const count = { n: groups * GROUP, of: "tasks" };
    const against = { name: "functions", samples: samples.functions };
    return [
      summarise("plain functions", samples.functions, { note: notes["functions"]! }),
      summarise("tasks", samples.tasks, { count, note: notes["tasks"]!, against }),
    ];
  },
};
