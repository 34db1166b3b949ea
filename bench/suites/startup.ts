import { measure } from "../lib/process.ts";
import { Project, runLigase } from "../lib/project.ts";
import { summarise, takeTurns, under } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

const workflow = `
import { task } from "ligase";
export const main = task((n: number) => n + 1);
`;

/** What a command costs before it does anything. */
export const suite: Suite = {
  name: "startup",
  title: "Start-up",
  about:
    "Commands that do next to nothing, against Node doing nothing. A run bundles the workflow, hashes its code and opens the store.",
  async measure({ rounds }) {
    using project = new Project({ "workflow.ts": workflow });
    const samples = await takeTurns(rounds * 4, {
      node: () => measure(process.execPath, ["-e", "0"]),
      version: () => runLigase(["--version"], project.folder),
      help: () => runLigase(["--help"], project.folder),
      first: () => {
        project.forget();
        return project.run("main", { n: 1 }, "2");
      },
      cached: () => project.run("main", { n: 1 }, "2"),
    });
    const against = { name: "node -e 0", samples: samples.node };
    return [
      summarise("node -e 0", samples.node),
      summarise("ligase --version", samples.version, {
        against,
        aim: under(2.5, "node", samples.version, samples.node),
      }),
      summarise("ligase --help", samples.help, { against, aim: under(2.5, "node", samples.help, samples.node) }),
      summarise("ligase run, one task, new store", samples.first, { against }),
      summarise("ligase run, one task, cached", samples.cached, { against }),
    ];
  },
};
