import type { Config } from "../../config/index.ts";
import type { Program } from "../../code/types.ts";
import type { Run, RunSettings } from "../../engine/index.ts";
import { callable } from "../../expr/index.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { LigaseError } from "../../kernel/index.ts";
import { gitState, openEngine, openProject } from "../../project/index.ts";
import { failureOf } from "../../record/failure.ts";
import { short } from "../../record/short.ts";
import type { Places } from "../../record/stored-value.ts";
import { failureCard } from "../reports/failure-card.ts";
import { modeNotes } from "../reports/mode-notes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { asJson, asText } from "../terminal/value.ts";
import type { RunView } from "./view.ts";

/** What is to be run, and how. */
export interface Execution {
  /** The project's folder. */
  readonly root: string;
  readonly program: Program;
  readonly task: TaskImpl;
  readonly args: readonly unknown[];
  /** The command line, for the record. */
  readonly argv: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Print the result as JSON. */
  readonly json: boolean;
  /** What the command line says over the configuration. */
  readonly config: Config;
  readonly settings: Pick<RunSettings, "noCache" | "force" | "failFast" | "sample" | "stub">;
}

/** So many failures have a card each; the rest are counted. */
const MOST_CARDS = 3;

/**
 * Runs a task, shows how it goes on, and prints its result or its failures.
 *
 * @returns the exit status: 0, 1 when it failed, 130 when it was stopped
 */
export async function executeRun(execution: Execution, view: RunView, terminal: Terminal): Promise<number> {
  const { root, program, task, args, argv, tags } = execution;
  const project = await openProject(root, execution.config);
  try {
    const { settings } = project;
    const git = gitState(root);
    const { engine, close } = await openEngine(project, program, {
      log: view,
      activities: view.activities,
      onWait: (other) =>
        view.print(`waiting for another run on this store (process ${other.pid}) to say what it is at`),
    });
    try {
      const run = engine.start(
        callable(task)(...args),
        { task: task.name, argv, tags, git },
        {
          ...execution.settings,
          keepWork: settings.keepWork,
          retries: settings.retries,
          hostImages: settings.containerEngine === "host",
        },
      );
      view.start(run.progress);
      const stopListening = cancelOnSignal(run, view);
      try {
        const value = await run.result;
        view.stop();
        const text = execution.json ? asJson(value) : asText(value);
        if (text !== undefined) terminal.out(text);
        return 0;
      } catch (error) {
        view.stop();
        return await reportFailure(run, error, { root, storeDir: settings.storeDir }, terminal);
      } finally {
        for (const line of modeNotes(run.mode)) view.info(line);
        stopListening();
      }
    } finally {
      await close();
    }
  } finally {
    await project.close();
  }
}

/** The first Ctrl+C ends the run cleanly, a second one at once. */
function cancelOnSignal(run: Run, view: RunView): () => void {
  let asked = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    // One Ctrl+C may come twice, from the terminal and from what started this (a job control, `timeout`).
    if (asked > 0 && now - asked < ONE_KEY_MS) return;
    if (asked > 0) process.exit(130);
    asked = now;
    const again = signal === "SIGINT" ? " (Ctrl+C again stops at once)" : "";
    view.print(`stopping: what runs is ended, what has finished is recorded${again}`);
    run.cancel();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** What arrives within this time is one press of a key. */
const ONE_KEY_MS = 50;

async function reportFailure(run: Run, error: unknown, places: Places, terminal: Terminal): Promise<number> {
  if (error instanceof LigaseError && error.code === "LIGASE_E_CANCELLED") {
    terminal.note(`cancelled; run it again to go on from what has finished (ligase log ${short(run.id)})`);
    return 130;
  }
  // The error that ended the run first: others may have been recovered from.
  const failures = run.failures.toSorted((a, b) => Number(b.cell.error === error) - Number(a.cell.error === error));
  let shown = 0;
  for (const { id } of failures.slice(0, MOST_CARDS)) {
    const row = await run.store.getJob(id);
    const failure = row && (await failureOf({ ...places, store: run.store }, row));
    if (!failure) continue;
    terminal.note("");
    const options = { paint: terminal.style, width: terminal.width, more: `ligase why ${short(id)}` };
    for (const line of await failureCard(failure, options)) terminal.note(line);
    shown++;
  }
  // The run itself broke, not one of its jobs: a full disk, say.
  if (shown === 0) throw error;
  const rest = failures.length - shown;
  if (rest > 0)
    terminal.note(`\n… and ${rest} other ${rest === 1 ? "failure" : "failures"}: ligase log ${short(run.id)} --failed`);
  return 1;
}
