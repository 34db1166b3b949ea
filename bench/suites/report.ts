import { statSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../src/store/index.ts";
import { fillStore } from "../lib/filled-store.ts";
import { measure } from "../lib/process.ts";
import { Project, runLigase } from "../lib/project.ts";
import { type Sample, summarise, takeTurns, within } from "../lib/rounds.ts";
import type { Effort, Suite } from "../lib/suite.ts";

/** As many scripts run at once. */
const SLOTS = 24;
/** Attempts in one transaction. */
const GROUP = 2000;

/** Gives the scripts of the newest run attempts that were measured, one after the other in each slot. */
async function addAttempts(folder: string): Promise<void> {
  const store = await openStore(join(folder, ".ligase"), { writer: "inline" });
  const run = (await store.latestRun())!;
  const scripts = await store.listJobs({ run: run.id, task: "script" });
  for (let start = 0; start < scripts.length; start += GROUP) {
    const jobs = scripts.slice(start, start + GROUP).map((job) => ({ ...job, executor: "process" }));
    const attempts = jobs.map((job, i) => {
      const row = Math.floor((start + i) / SLOTS);
      const startedAt = run.startedAt + row * 10;
      return {
        job: job.id,
        attempt: 1,
        executor: "process",
        host: "bench",
        startedAt,
        endedAt: startedAt + 5 + (i % 6),
        outcome: "done",
        exitCode: null,
        signal: null,
        cpu: 2,
        memory: 2 ** 32,
        gpu: 0,
        disk: 0,
        wallMs: 5 + (i % 6),
        cpuMs: 5,
        peakMemory: 2 ** 28 + i,
        bytesIn: 1_000_000,
        bytesOut: 50_000 + i,
        workDir: null,
        stdout: null,
        stderr: null,
        pgid: null,
        pidStarted: null,
        errorValue: null,
        image: null,
        limits: null,
        tools: { bwa: "0.7.17", samtools: "1.16.1" },
      };
    });
    await store.commit({ jobs, attempts });
  }
  await store.close();
}

/** What it costs to report on a large run. */
export const suite: Suite = {
  name: "report",
  title: "The report of a large run",
  about:
    "`ligase report` of a run of 100,000 jobs, a quarter of them scripts with what they used, a quarter cached. Times are of the whole command; the note is the size of the file.",
  async measure({ rounds, shrink }: Effort) {
    const jobs = 100_000 / shrink;
    using project = new Project({});
    await fillStore(project.folder, 1, jobs);
    await addAttempts(project.folder);
    const ways: Record<string, () => Promise<Sample>> = {
      "node -e 0": () => measure(process.execPath, ["-e", "0"]),
      page: () => runLigase(["report", "--out", "report.html"], project.folder),
      facts: () => runLigase(["report", "--json"], project.folder),
    };
    const samples = await takeTurns(rounds, ways);
    const label = `a run of ${jobs.toLocaleString("en")} jobs`;
    const against = { name: "node -e 0", samples: samples["node -e 0"]! };
    const size = statSync(join(project.folder, "report.html")).size;
    return [
      summarise(`ligase report, ${label}`, samples["page"]!, {
        against,
        aim: within(2, samples["page"]!),
        note: `${Math.round(size / 1000)} kB`,
      }),
      summarise(`ligase report --json, ${label}`, samples["facts"]!, { against }),
    ];
  },
};
