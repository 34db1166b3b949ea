import { join } from "node:path";
import { measure } from "../lib/process.ts";
import { Project, repository } from "../lib/project.ts";
import { summarise, takeTurns, type Sample } from "../lib/rounds.ts";
import { syntheticProject } from "../lib/synthetic-project.ts";
import type { Suite } from "../lib/suite.ts";

/** What it costs to know which tasks an edit changed. */
export const suite: Suite = {
  name: "closure",
  title: "Loading and hashing code",
  about:
    "A workflow of 200 modules and 101 tasks: read, hashed by what each task reaches, bundled and imported; then again with nothing changed, and with one helper edited that most of them reach. Against esbuild, which only bundles it.",
  async measure({ rounds, shrink }) {
    const files = syntheticProject(Math.ceil(200 / shrink));
    using project = new Project(files);
    const load = async (way: string): Promise<Sample> => {
      const script = join(repository, "bench/lib/load-program.ts");
      const { stdout, peakMemory } = await measure(process.execPath, [script, way], { cwd: project.folder });
      return { seconds: Number(stdout), peakMemory };
    };
    let edits = 0;
    const samples = await takeTurns(rounds, {
      esbuild: () => load("esbuild"),
      first: () => {
        project.forget();
        return load("ligase");
      },
      again: () => load("ligase"),
      edited: () => {
        const text = files["part0/m1.ts"]!.replace(/threshold1 = \d+/, `threshold1 = ${100 + edits++}`);
        project.write({ "part0/m1.ts": text });
        return load("ligase");
      },
    });
    const against = { name: "esbuild", samples: samples.esbuild };
    return [
      summarise("esbuild alone", samples.esbuild),
      summarise("ligase, first", samples.first, { against }),
      summarise("ligase, nothing changed", samples.again, { against }),
      summarise("ligase, one helper edited", samples.edited, { against }),
    ];
  },
};
