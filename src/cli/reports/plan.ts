import { formatDuration } from "../../kernel/index.ts";
import type { PlannedTask, PlanReport } from "../../record/plan/types.ts";
import { workOf } from "../../record/plan/work.ts";
import type { Paint } from "../terminal/terminal.ts";
import { columns, wrap } from "../terminal/text.ts";

/** So many tasks are named of those that are cached. */
const MOST_NAMES = 6;
/** Below this many columns, reasons stand on lines of their own. */
const WIDE = 76;

/** What a run would do: a line for each task that would run or might, with why; then what is cached, and the time. */
export function planLines(report: PlanReport, paint: Paint, width: number): string[] {
  const active = report.tasks.filter(isActive);
  const lines = active.length > 0 ? table(active, paint, width) : [];
  const cached = report.tasks.filter((task) => task.cached > 0 && !task.lift);
  const all = sum(cached, "cached");
  if (active.length === 0 && !report.error)
    lines.push(`nothing would run${all > 0 ? "" : ", for there is nothing to do"}`);
  if (all > 0) lines.push(...prose(`${all} cached: ${listed(cached)}`, width).map((line) => paint("dim", line)));
  if (active.length > 0) lines.push("", ...prose(totals(report), width));
  if (active.some(isGuess)) lines.push(...prose(GUESS, width).map((line) => paint("dim", line)));
  if (report.error)
    lines.push(...prose(`it would fail: ${report.error.message}`, width).map((line) => paint("bad", line)));
  return lines;
}

/** Cached lifts are no news; one that would run is a reason for others. */
const isActive = ({ run, may, lift }: PlannedTask): boolean => run > 0 || (may > 0 && !lift);

/** Is it only a guess that some of its calls are made? */
export const isGuess = ({ groups }: PlannedTask): boolean => groups.some(({ estimate }) => estimate);

/** What a `~` says. */
export const GUESS = "~ if what would run does what it did last time";

function table(tasks: readonly PlannedTask[], paint: Paint, width: number): string[] {
  const stacked = width < WIDE;
  const heads = stacked ? ["task", "run", "may", "cached"] : ["task", "run", "may run", "cached", "time", "why"];
  const cells = tasks.map((task) => row(task, paint, stacked));
  const [head, ...lines] = columns([heads.map((each) => paint("dim", each)), ...cells], { right: [1, 2, 3, 4], width });
  return [head!, ...tasks.flatMap((task, i) => [lines[i]!, ...details(task, paint, width, stacked)])];
}

function row(planned: PlannedTask, paint: Paint, stacked: boolean): string[] {
  const { task, run, may, cached, groups } = planned;
  const counted = (count: number, fate: "run" | "may"): string => {
    const isGuess = groups.some((group) => group.fate === fate && group.estimate);
    return count === 0 ? "" : `${isGuess ? "~" : ""}${count}`;
  };
  const cells = [
    paint("strong", task),
    run === 0 ? "" : paint("warn", counted(run, "run")),
    counted(may, "may"),
    cached === 0 ? "" : paint("dim", String(cached)),
  ];
  if (stacked) return cells;
  const work = workOf([planned]);
  const time = work.run === null && work.may === null ? "" : formatDuration((work.run ?? 0) + (work.may ?? 0));
  const [only] = groups;
  return [...cells, time, groups.length === 1 ? (only!.reason ?? "") : ""];
}

/** What has no room in the row: reasons where there are several, and what its body may call. */
function details(task: PlannedTask, paint: Paint, width: number, stacked: boolean): string[] {
  const lines: string[] = [];
  if (stacked || task.groups.length > 1) {
    for (const { calls, reason, estimate } of task.groups) {
      const many = task.groups.length > 1 ? `${estimate ? "~" : ""}${calls} ` : "";
      lines.push(`${many}${reason ?? "not looked at, there are so many"}`);
    }
  }
  lines.push(...lastTimeText(task));
  return lines.flatMap((line) => prose(line, width, "    ").map((each) => paint("dim", each)));
}

/** What is known of what its body will call: what it called last time, or what its code names. */
export function lastTimeText({ lastTime, names }: PlannedTask): string[] {
  const last = Object.entries(lastTime).map(([name, count]) => `${name}${times(count)}`);
  return [
    ...(last.length > 0 ? [`last time it called ${last.join(", ")}`] : []),
    ...(names.length > 0 ? [`its code calls ${names.join(", ")}`] : []),
  ];
}

/** `2 would run, 1 may run, 5 cached` */
export function countsText({ run, may, cached }: Pick<PlannedTask, "run" | "may" | "cached">): string {
  const parts = [run > 0 && `${run} would run`, may > 0 && `${may} may run`, cached > 0 && `${cached} cached`];
  return parts.filter(Boolean).join(", ");
}

function totals({ tasks, cut }: PlanReport): string {
  const counted = tasks.filter((task) => !task.lift);
  const counts = countsText({ run: sum(counted, "run"), may: sum(counted, "may"), cached: 0 });
  const parts = cut ? `${counts}, and more: a recursion goes deeper than was looked` : counts;
  const { run, may } = workOf(counted);
  const time = [
    run !== null && `about ${formatDuration(run)} of work by past runs`,
    may !== null && `${run === null ? "up to" : "up to another"} ${formatDuration(may)} for what may run`,
  ].filter(Boolean);
  return [parts, ...time].join("; ");
}

const sum = (tasks: readonly PlannedTask[], what: "run" | "may" | "cached"): number =>
  tasks.reduce((total, task) => total + task[what], 0);

const times = (count: number): string => (count === 1 ? "" : ` ×${count}`);

function listed(tasks: readonly PlannedTask[]): string {
  const names = tasks.slice(0, MOST_NAMES).map(({ task, cached }) => `${task}${times(cached)}`);
  const rest = tasks.length - MOST_NAMES;
  return [...names, ...(rest > 0 ? [`${rest} other ${rest === 1 ? "task" : "tasks"}`] : [])].join(", ");
}

function prose(text: string, width: number, indent = ""): string[] {
  return wrap(text, Math.max(20, Math.min(width, 100) - indent.length)).map((line) => indent + line);
}
