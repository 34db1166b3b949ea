import { setTimeout as sleep } from "node:timers/promises";
import { clearOrphans } from "../../engine/orphans.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { RunRow, Store } from "../../store/types.ts";
import { findById } from "../find.ts";
import { short } from "../../record/short.ts";
import { processOf } from "../../record/liveness.ts";
import { withRecord } from "../../record/open.ts";
import { wordOf } from "../terminal/states.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, STORE } from "./command.ts";

/** How often it is looked whether the run has ended, in milliseconds. An engine hears of it within 50. */
const LOOK_MS = 50;
/** After so long it is said what is waited for, in milliseconds. */
const PATIENCE_MS = 2000;

/** `ligase cancel` */
export const cancel = defineCommand(
  {
    usage: "cancel <run>",
    about: [
      "Stops a run: what runs is ended, what has finished stays recorded, and the next run goes on from there. Waits until it has stopped. A run whose process is gone is marked as interrupted, and what it left running is ended.",
    ],
    examples: ["ligase cancel 7k2m9q", "ligase cancel 7k2m9q --force"],
    options: {
      force: { type: "boolean", doc: "end its process at once (SIGKILL)" },
      ...STORE,
    },
  },
  { least: 1, most: 1 },
  ({ options, words }, terminal) =>
    withRecord(options.store, async ({ store }) => {
      const found = await findById(store, words[0]!);
      if (found.kind === "job") {
        const run = short(found.job.run);
        throw usageError(
          "LIGASE_E_ID",
          `${words[0]} is a job of run ${run}: a run is stopped as a whole`,
          `ligase cancel ${run}`,
        );
      }
      const { run } = found;
      if (run.state !== "running") {
        throw new LigaseError("LIGASE_E_NOT_RUNNING", `run ${short(run.id)} does not run: it is ${run.state}`, {
          facts: { run: run.id },
        });
      }
      await (options.force ? kill(store, run, terminal) : stop(store, run, terminal));
      return 0;
    }),
);

async function stop(store: Store, run: RunRow, terminal: Terminal): Promise<void> {
  await store.requestCancel(run.id);
  const begun = performance.now();
  for (let told = false; ;) {
    // In this order: a process that is gone has said its last word before.
    const { state } = await processOf(store, run);
    const now = (await store.getRun(run.id))!;
    if (now.state !== "running") {
      terminal.note(`run ${short(run.id)} is ${wordOf(now.state, terminal.style)}`);
      return;
    }
    if (state === "gone") return interrupted(store, run, terminal);
    if (!told && performance.now() - begun > PATIENCE_MS) {
      told = true;
      const mend =
        state === "elsewhere" ? `it runs on ${run.host}` : `ligase cancel ${short(run.id)} --force ends it at once`;
      terminal.note(`waiting for what it runs to end (${mend})`);
    }
    await sleep(LOOK_MS);
  }
}

async function kill(store: Store, run: RunRow, terminal: Terminal): Promise<void> {
  const { state, engine } = await processOf(store, run);
  if (state === "elsewhere") {
    throw new LigaseError(
      "LIGASE_E_ELSEWHERE",
      `run ${short(run.id)} runs on ${run.host}: its process cannot be ended from here`,
      {
        mend: `ligase cancel ${short(run.id)} asks it to stop`,
        facts: { run: run.id, host: run.host },
      },
    );
  }
  if (state === "alive" && engine) {
    process.kill(engine.pid, "SIGKILL");
    while ((await processOf(store, run)).state === "alive") await sleep(LOOK_MS);
  }
  await interrupted(store, run, terminal);
}

/** The process ended without a word: says so in the record, and ends what it left behind. */
async function interrupted(store: Store, run: RunRow, terminal: Terminal): Promise<void> {
  const { killOrphan } = await import("../../executors/index.ts");
  const note = (message: string): void => terminal.note(message);
  await clearOrphans(store, killOrphan, { debug() {}, info: note, warn: note });
  terminal.note(
    `the process of run ${short(run.id)} (${run.pid}) is gone: the run is marked as ${wordOf("interrupted", terminal.style)}`,
  );
}
