import { formatDuration } from "../../kernel/index.ts";
import type {
  EnvironmentComparison,
  FactChange,
  FailureGroup,
  RunComparison,
  TaskComparison,
  TaskSide,
} from "../../record/compare/index.ts";
import { shortDigest } from "../../record/environments/index.ts";
import { short } from "../../record/short.ts";
import { markOf, wordOf } from "../terminal/states.ts";
import type { Paint } from "../terminal/terminal.ts";
import { columns, shorten } from "../terminal/text.ts";
import { moment } from "../terminal/when.ts";
import { changesLines, declarationLines } from "./changes.ts";
import { environmentLines } from "./environment-lines.ts";

/** So many declarations are shown with their differences. */
const MOST_DIFFS = 12;
/** So many tasks that reach a declaration are named. */
const MOST_TASKS = 4;
const LONGEST_MESSAGE = 100;
/** A job that took between these times as long took the same: less is noise. */
const SAME = [0.8, 1.25] as const;
/** Times below this are noise. */
const LEAST_MS = 100;

/** What differs between two runs: what there is of, in sections; the code line by line at the end. */
export function comparisonLines(comparison: RunComparison, paint: Paint, width: number): string[] {
  const { facts, packages, tools, environments, code, results, tasks, failures } = comparison;
  const lines = headLines(comparison, paint, width);
  const section = (name: string, body: readonly string[]): void => {
    if (body.length > 0) lines.push("", paint("strong", name), ...body);
  };
  section("circumstances", factLines(facts, paint, width));
  section("packages", factLines(packages, paint, width));
  section("tools", factLines(tools, paint, width));
  section("environments", environmentsLines(environments, paint));
  section(
    "code",
    columns(
      code.map(({ name, how, before = "none", after = "none", tasks: reach }) => [
        `  ${name.replace(/^(task|asset):/, "$1 ")}`,
        how === "version" ? `${before} → ${after}` : how,
        paint("dim", `reached by ${listed(reach)}`),
      ]),
      { width },
    ),
  );
  section("arguments", changesLines(comparison.arguments, paint));
  const same = results?.length === 0 ? ["  the same"] : [];
  section("results", results === undefined ? [] : [...same, ...changesLines(results, paint, "result")]);
  section("tasks", taskLines(tasks, paint, width));
  section("failures", failureLines(failures, paint));
  const texts = code.flatMap((change) => (change.texts ? [change.texts] : []));
  for (const each of texts.slice(0, MOST_DIFFS)) lines.push("", ...declarationLines(each, paint));
  const rest = texts.length - MOST_DIFFS;
  if (rest > 0) lines.push("", paint("dim", `  … and ${rest} more declarations (--json has them all)`));
  return lines;
}

function headLines({ before, after }: RunComparison, paint: Paint, width: number): string[] {
  const rows = [before, after].map((side, i) => [
    `${markOf(side.state, paint)} ${paint("accent", short(side.run))}`,
    side.task,
    moment(side.startedAt),
    side.durationMs === undefined ? "" : formatDuration(side.durationMs),
    wordOf(side.state, paint),
    paint("dim", i === 0 ? "before" : "after"),
  ]);
  return columns(rows, { right: [3], width });
}

function factLines(facts: readonly FactChange[], paint: Paint, width: number): string[] {
  const rows = facts.map(({ name, before = "none", after = "none" }) => [`  ${name}`, `${before} → ${after}`]);
  return columns(
    rows.map(([name = "", change = ""]) => [paint("dim", name), change]),
    { width },
  );
}

function environmentsLines(changes: readonly EnvironmentComparison[], paint: Paint): string[] {
  return changes.flatMap((change) => {
    const { tasks, before, after } = change;
    const told = environmentLines(change, paint, "    ");
    const [was, is] = [before, after].map(({ digest }) => (digest === "" ? "" : shortDigest(digest)));
    const rest = was === is || was === "" || is === "" ? before.title : `${was} → ${is}`;
    return [`  ${paint("strong", listed(tasks))}  ${paint("dim", rest)}`, ...told];
  });
}

function listed(tasks: readonly string[]): string {
  const rest = tasks.length - MOST_TASKS;
  return rest > 0 ? `${tasks.slice(0, MOST_TASKS).join(", ")} and ${rest} more` : tasks.join(", ");
}

function taskLines(tasks: readonly TaskComparison[], paint: Paint, width: number): string[] {
  const rows = tasks.map(({ task, before, after, ratio }) => [
    `  ${task}`,
    countText(before),
    paint("dim", "→"),
    countText(after),
    timeText(before),
    timeText(after),
    ratioText(before, after, ratio, paint),
  ]);
  return columns(rows, { right: [4, 5, 6], width });
}

function countText(side: TaskSide | undefined): string {
  if (!side) return "–";
  const parts = [
    side.ran > 0 && `${side.ran} ran`,
    side.cached > 0 && `${side.cached} cached`,
    side.failed > 0 && `${side.failed} failed`,
  ];
  return parts.filter(Boolean).join(", ") || "none ended";
}

const timeText = (side: TaskSide | undefined): string => (side && side.ran > 0 ? formatDuration(side.wallMs) : "");

/** How much longer a job took on average; nothing where that is noise. */
function ratioText(
  before: TaskSide | undefined,
  after: TaskSide | undefined,
  ratio: number | undefined,
  paint: Paint,
): string {
  if (ratio === undefined || Math.max(before?.wallMs ?? 0, after?.wallMs ?? 0) < LEAST_MS) return "";
  if (ratio > SAME[0] && ratio < SAME[1]) return paint("dim", "same time");
  return paint(ratio > 1 ? "warn" : "good", `×${ratio < 10 ? ratio.toFixed(2) : Math.round(ratio)} a job`);
}

function failureLines({ before, after }: RunComparison["failures"], paint: Paint): string[] {
  const key = ({ task, message }: FailureGroup): string => `${task} ${message}`;
  const [was, is] = [new Set(before.map(key)), new Set(after.map(key))];
  const line = (group: FailureGroup, word: string): string => {
    const { task, message, count, job } = group;
    return `  ${word} ${paint("strong", task)}${count > 1 ? ` ×${count}` : ""}: ${shorten(message, LONGEST_MESSAGE)}  ${paint("dim", `ligase why ${short(job)}`)}`;
  };
  return [
    ...before.filter((group) => !is.has(key(group))).map((group) => line(group, paint("good", "gone  "))),
    ...after.filter((group) => !was.has(key(group))).map((group) => line(group, paint("bad", "new   "))),
    ...after.filter((group) => was.has(key(group))).map((group) => line(group, paint("warn", "still "))),
  ];
}
