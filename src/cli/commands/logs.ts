import { setTimeout as sleep } from "node:timers/promises";
import { LogFollower, type Stream } from "../../project/logs/index.ts";
import type { RunRow, Store } from "../../store/types.ts";
import { findByIdOrTask, newestRun } from "../find.ts";
import { short } from "../../record/short.ts";
import { processOf } from "../../record/liveness.ts";
import { withRecord } from "../../record/open.ts";
import { jobFilter } from "../../record/select.ts";
import { jsonLinesSink, jsonListSink, prefixSink, rawSink } from "../reports/log-lines.ts";
import { checkTask, isSelective, readSelection, SELECTION } from "../selection.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { defineCommand, JSON_OUT, STORE } from "./command.ts";

/** How often a run that goes on is looked at, in milliseconds. */
const LOOK_MS = 200;
/** A look at a run of 100,000 jobs takes half a second: no more than a fifth of the time goes into looking. */
const REST = 4;

/** `ligase logs` */
export const logs = defineCommand(
  {
    usage: "logs [run, job or task]",
    about: [
      "Prints what jobs wrote to stdout and stderr: of a run (the newest by default) line by line, each behind its task and job; of one job as it is. A task stands for its newest job. Bodies that run inside the ligase process itself write to its terminal, and are not kept.",
    ],
    examples: [
      "ligase logs -f",
      "ligase logs @ --task align --stderr",
      "ligase logs --failed",
      "ligase logs 3wq8z1 --stdout > table.tsv",
      "ligase logs --input SRR1 --jsonl",
    ],
    options: {
      follow: { type: "boolean", short: "f", doc: "go on until the run ends" },
      stdout: { type: "boolean", doc: "only stdout" },
      stderr: { type: "boolean", doc: "only stderr" },
      ...SELECTION,
      ...JSON_OUT,
      ...STORE,
    },
  },
  { most: 1, paged: ({ follow }) => !follow },
  ({ options, words: [id] }, terminal) => {
    const selection = readSelection(options);
    return withRecord(options.store, async ({ store }) => {
      const found =
        id === undefined ? ({ kind: "run", run: await newestRun(store) } as const) : await findByIdOrTask(store, id);
      const run = found.kind === "run" ? found.run : (await store.getRun(found.job.run))!;
      const streams = (["stdout", "stderr"] as const).filter(
        (stream: Stream) => options[stream] || !(options.stdout || options.stderr),
      );
      const filter = {
        run: run.id,
        streams,
        ...(found.kind === "job" && { job: found.job.id }),
        ...(isSelective(selection) && { select: jobFilter(selection) }),
      };
      await checkTask(store, selection);
      const list = options.json && !options.jsonl ? jsonListSink(terminal) : undefined;
      const people = found.kind === "job" ? rawSink : prefixSink;
      const sink = list?.sink ?? (options.jsonl ? jsonLinesSink : people)(terminal);
      const follower = new LogFollower(store, filter, sink);
      if (options.follow) await follow(store, run, follower, terminal);
      else await follower.pass();
      follower.end();
      list?.close();
      return 0;
    });
  },
);

async function follow(store: Store, { id }: RunRow, follower: LogFollower, terminal: Terminal): Promise<void> {
  for (;;) {
    const begun = performance.now();
    // Asked before the pass: when it has ended by now, all that it left is found.
    const run = (await store.getRun(id))!;
    const { state } = await processOf(store, run);
    await follower.pass();
    if (run.state !== "running") return;
    if (state === "gone" && (await store.getRun(id))!.state === "running") {
      terminal.note(`the process of run ${short(id)} is gone (ligase cancel ${short(id)} marks it as interrupted)`);
      return;
    }
    await sleep(Math.max(LOOK_MS, (performance.now() - begun) * REST));
  }
}
