import { nearest } from "../../kernel/index.ts";
import { readSettings } from "../../record/open.ts";
import { savedPlan } from "../../record/plan/saved.ts";
import type { PlannedGroup, PlannedTask, PlanReport } from "../../record/plan/types.ts";
import { explanationLines } from "../reports/explanation.ts";
import { countsText, GUESS, isGuess, lastTimeText } from "../reports/plan.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns, wrap } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";
import { type JsonWanted, printJson } from "./command.ts";

/** What `ligase why not` was told. */
export interface WhyNotOptions extends JsonWanted {
  readonly store: string | undefined;
}

/**
 * `ligase why not`: explains, of the last dry run, why its calls would not be taken from the cache.
 *
 * @param word - a task of it; without one all that would run
 * @throws LigaseError `LIGASE_E_NO_DRY_RUN`; `LIGASE_E_NO_TASK`, exit status 2, for a task that it did not meet
 */
export async function whyNot(options: WhyNotOptions, word: string | undefined, terminal: Terminal): Promise<number> {
  const { settings } = await readSettings(options.store);
  const report = savedPlan(settings.storeDir);
  const tasks = word === undefined ? report.tasks : [named(report, word)];
  if (printJson(options, word === undefined ? tasks : tasks[0], terminal)) return 0;
  const paint = terminal.styleOut;
  const mode = report.mode === "normal" ? "" : ` (${report.mode})`;
  terminal.out(`dry run of ${paint("strong", report.task)}${mode}, ${ago(report.at)}`);
  terminal.out(paint("dim", `  ${report.argv.join(" ")}`));
  if (word === undefined) for (const line of allLines(tasks, terminal)) terminal.out(line);
  else for (const task of tasks) for (const line of taskLines(task, terminal)) terminal.out(line);
  if (tasks.some(isGuess)) terminal.out(paint("dim", `\n${GUESS}`));
  return 0;
}

/** What would run in full; what may run because of it in a line each. */
function allLines(tasks: readonly PlannedTask[], terminal: Terminal): string[] {
  const paint = terminal.styleOut;
  const run = tasks.filter((task) => task.run > 0);
  const may = tasks.filter((task) => task.run === 0 && task.may > 0 && !task.lift);
  if (run.length + may.length === 0) return ["nothing would run: everything is cached"];
  const lines = run.flatMap((task) => taskLines(task, terminal));
  if (may.length === 0) return lines;
  const rows = may.map((task) => [
    `  ${paint("strong", task.task)}`,
    `${isGuess(task) ? "~" : ""}${task.may}`,
    `depends on ${[...new Set(task.groups.flatMap(({ dependsOn }) => dependsOn))].join(", ")}`,
  ]);
  const head = "may run, where the results that they depend on are others:";
  return [...lines, "", head, ...columns(rows, { right: [1], width: terminal.widthOut })];
}

function named(report: PlanReport, word: string): PlannedTask {
  const names = report.tasks.map(({ task }) => task);
  const found = report.tasks.find(({ task }) => task === word);
  if (found) return found;
  const near = nearest(word, names);
  throw usageError(
    "LIGASE_E_NO_TASK",
    `the last dry run, of ${report.task}, met no task ${word}`,
    near === undefined ? `it met ${names.join(", ")}` : `did you mean ${near}?`,
    { task: word, known: names },
  );
}

function taskLines(task: PlannedTask, terminal: Terminal): string[] {
  const paint = terminal.styleOut;
  const lines = ["", `${paint("strong", task.task)}: ${isGuess(task) ? "~" : ""}${countsText(task)}`];
  for (const group of task.groups) lines.push(...groupLines(group, task, terminal));
  if (task.groups.length === 0) {
    lines.push("  the same calls were recorded before: code and arguments are what they were");
  }
  lines.push(...lastTimeText(task).flatMap((text) => indented(text, terminal).map((line) => paint("dim", line))));
  return lines;
}

function groupLines(group: PlannedGroup, { groups }: PlannedTask, terminal: Terminal): string[] {
  const { fate, reason, calls, dependsOn, explanation } = group;
  const paint = terminal.styleOut;
  const first = calls > 1 && explanation && explanation.changes.length > 0 ? ", the first of them:" : ":";
  const lines = groups.length > 1 ? [`  ×${calls} ${fate === "run" ? "would run" : "may run"}${first}`] : [];
  if (fate === "may") {
    const one = dependsOn.length === 1;
    const results = `the result${one ? "" : "s"} of ${dependsOn.join(", ")}, which ${one ? "is" : "are"} not known yet`;
    lines.push(...indented(`it depends on ${results}; where nothing changes there, it is cached`, terminal));
  } else if (explanation) lines.push(...explanationLines(explanation, { paint, width: terminal.widthOut }));
  else lines.push(`  ${reason ?? "not looked at, there are so many"}`);
  return lines;
}

function indented(text: string, { widthOut }: Terminal): string[] {
  return wrap(text, Math.max(20, Math.min(widthOut, 100) - 2)).map((line) => `  ${line}`);
}
