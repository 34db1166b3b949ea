import { basename } from "node:path";
import type { Config } from "../../config/index.ts";
import type { Program } from "../../code/types.ts";
import type { Run, RunSettings } from "../../engine/index.ts";
import { callable } from "../../expr/index.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { isId, LigaseError } from "../../kernel/index.ts";
import { gitState, noticeOf, notify, openEngine, openProject } from "../../project/index.ts";
import { withoutSecrets } from "../../secrets/command-line.ts";
import { modeNotes } from "../reports/mode-notes.ts";
import { runSummary } from "../reports/run-summary.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/text.ts";
import { asJson, asText } from "../terminal/value.ts";
import type { Supervisor } from "../watch/index.ts";
import { liveLogs, type LogsWanted } from "./live-logs.ts";
import { resultOutputs } from "./result-outputs.ts";
import { cancelOnSignal, leaveSoon, STOPPED } from "./signals.ts";
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
  /** The profile of the configuration that the command line names. */
  readonly profile: string | undefined;
  /** Who runs it again when something changes. */
  readonly supervisor?: Supervisor | undefined;
  /** Whose output is shown while it is written. */
  readonly logs: LogsWanted;
  readonly settings: Pick<RunSettings, "noCache" | "force" | "failFast" | "sample" | "stub">;
}

/**
 * Runs a task, shows how it goes on, and prints its result or its failures.
 *
 * @returns the exit status: 0, 1 when it failed, 130 when it was stopped
 */
export async function executeRun(execution: Execution, view: RunView, terminal: Terminal): Promise<number> {
  const status = await execute(execution, view, terminal);
  if (status === STOPPED) leaveSoon();
  return status;
}

async function execute(execution: Execution, view: RunView, terminal: Terminal): Promise<number> {
  const { root, program, task, args, argv, tags, supervisor } = execution;
  const project = await openProject(root, execution.config, execution.profile);
  try {
    const { settings } = project;
    const git = gitState(root);
    const shown = execution.logs;
    const logs =
      shown === "none"
        ? undefined
        : liveLogs(shown, { style: terminal.style, print: (lines) => view.printLines(lines) });
    const { engine, close } = await openEngine(project, program, {
      log: view,
      ...(logs && { logs }),
      say: (line) => view.info(line),
      activities: view.activities,
      ...(supervisor && { onInput: (path) => supervisor.input(path) }),
      onWait: (other) =>
        view.print(`waiting for another run on this store (process ${other.pid}) to say what it is at`),
    });
    try {
      const run = engine.start(
        callable(task)(...args),
        { id: takeRunId(), task: task.name, ...(await withoutSecrets({ argv, tags }, project.store)), git },
        {
          ...execution.settings,
          keepWork: settings.keepWork,
          retries: settings.retries,
        },
      );
      view.start(run.progress, engine.timeLeft(run));
      const stopListening = cancelOnSignal(run, view);
      supervisor?.started(() => run.cancel());
      try {
        const value = await run.result.finally(() => logs?.close());
        view.stop();
        const outputs = resultOutputs(settings.storeDir, settings.server);
        const text = execution.json ? asJson(value, outputs.asJson) : asText(value, outputs.asText);
        if (text !== undefined) terminal.out(text);
        const { row, progress } = run;
        view.end(() =>
          runSummary({
            row,
            total: progress.total,
            value,
            storeDir: settings.storeDir,
            outputs,
            paint: terminal.style,
            width: terminal.width,
          }),
        );
        return 0;
      } catch (error) {
        view.stop();
        if (supervisor?.stopped) return STOPPED;
        // A run that goes well need not load what tells of failures.
        const { reportFailure } = await import("./report-failure.ts");
        return await reportFailure(run, error, { root, storeDir: settings.storeDir }, terminal);
      } finally {
        for (const note of modeNotes(run.mode)) {
          for (const line of wrap(note, terminal.width)) view.info(line);
        }
        if (settings.notify.length > 0 && !supervisor?.stopped) await notifyOf(run, root, settings.notify, view);
        stopListening();
      }
    } finally {
      await close();
    }
  } finally {
    await project.close();
  }
}

/** The id that a server gave the run which it starts this process for. What the run starts does not get it. */
function takeRunId(): string | undefined {
  const id = process.env["LIGASE_RUN_ID"];
  delete process.env["LIGASE_RUN_ID"];
  return id !== undefined && isId(id) ? id : undefined;
}

async function notifyOf(run: Run, root: string, urls: readonly string[], view: RunView): Promise<void> {
  const { done, cached, failed, cancelled } = run.progress.total;
  const error = await run.result.then(
    () => null,
    (thrown: unknown) => ({
      code: thrown instanceof LigaseError ? thrown.code : null,
      message: thrown instanceof Error ? thrown.message : String(thrown),
    }),
  );
  const counts = { done, cached, failed, cancelled };
  await notify(urls, noticeOf(run.row, { project: basename(root), counts, error }), view);
}
