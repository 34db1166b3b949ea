import { callable } from "../../expr/index.ts";
import { openProjectToRead } from "../../project/index.ts";
import { openDryRun } from "../../project/open-dry-run.ts";
import { planReport, savePlan } from "../../record/plan/index.ts";
import { printJson } from "../commands/command.ts";
import { planLines } from "../reports/plan.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Execution } from "./execute.ts";
import type { RunView } from "./view.ts";

/**
 * Says what a run would do, runs nothing, and keeps what it found for `ligase why not`.
 *
 * @returns the exit status: 0
 */
export async function dryRun(
  execution: Execution,
  wanted: { readonly json: boolean; readonly jsonl: boolean },
  view: RunView,
  terminal: Terminal,
): Promise<number> {
  const { root, program, task, args, argv, settings: mode } = execution;
  const project = await openProjectToRead(root, execution.config, execution.profile);
  try {
    const { storeDir } = project.settings;
    const dry = openDryRun(project, program, view.activities);
    try {
      const plan = await dry.plan(callable(task)(...args), mode);
      const record = { root, storeDir, store: project.store };
      const report = await planReport(record, plan, { program, task: task.name, argv });
      view.stop();
      let kept = true;
      try {
        savePlan(storeDir, report);
      } catch (error) {
        kept = false;
        const why = error instanceof Error ? error.message : String(error);
        view.warn(`the dry run could not be kept for ligase why not: ${why}`);
      }
      if (printJson(wanted, wanted.jsonl ? report.tasks : report, terminal)) return 0;
      for (const line of planLines(report, terminal.styleOut, terminal.widthOut)) terminal.out(line);
      if (kept && report.tasks.some(({ run }) => run > 0)) view.info("ligase why not <task> says why, line by line");
      return 0;
    } finally {
      await dry.close();
    }
  } finally {
    await project.close();
  }
}
