import { formatDuration } from "../../kernel/index.ts";
import type { Progress, TaskProgress } from "../../engine/index.ts";
import { columns } from "./text.ts";
import type { Terminal } from "./terminal.ts";

/** What shows how a run goes on. */
export interface ProgressView {
  /** Prints something above what is being redrawn. */
  print(text: string): void;
  /** Prints the last state, and stops. */
  stop(): void;
}

/** How often the live table is drawn: a thousandth of a run of 100,000 tasks goes into it. */
const DRAW_MS = 100;
/** How often a run without a terminal says where it is. */
const SAY_MS = 5000;
/** So many tasks have a line each; the rest share one. */
const MOST_LINES = 20;

/** The table: one line a task, and one for all. */
export function progressTable(progress: Progress, elapsedMs: number, terminal: Pick<Terminal, "style" | "width">): string[] {
  const { style } = terminal;
  const cell = (count: number, word: string, paint: (text: string) => string): string =>
    count === 0 ? "" : paint(`${count} ${word}`);
  const row = (name: string, counts: TaskProgress): string[] => {
    const total = Object.values(counts).reduce((a, b) => a + b, 0);
    const over = counts.done + counts.cached;
    return [
      mark(counts, style),
      name,
      `${over}/${total}`,
      cell(counts.running, "running", (text) => style("accent", text)),
      cell(counts.pending, "pending", (text) => style("dim", text)),
      cell(counts.cached, "cached", (text) => style("dim", text)),
      cell(counts.done, "done", (text) => style("good", text)),
      cell(counts.failed, "failed", (text) => style("bad", text)),
      cell(counts.cancelled, "cancelled", (text) => style("warn", text)),
    ];
  };
  const tasks = [...progress.tasks];
  // Those that still change are what people look for.
  const open = (counts: TaskProgress): boolean => counts.running + counts.pending + counts.failed > 0;
  const shown =
    tasks.length <= MOST_LINES
      ? tasks
      : [...tasks.filter(([, counts]) => open(counts)), ...tasks.filter(([, counts]) => !open(counts))].slice(0, MOST_LINES - 1);
  const rows = shown.map(([name, counts]) => row(name, counts));
  rows.push(row("total", progress.total));
  const used = rows[0]!.map((_, i) => i < 3 || rows.some((each) => each[i] !== ""));
  const kept = rows.map((each) => each.filter((_, i) => used[i]));
  const lines = columns(kept, { right: [2, 3, 4, 5, 6, 7, 8] }).map((line) => line);
  if (shown.length < tasks.length) lines.splice(-1, 0, style("dim", `  … and ${tasks.length - shown.length} other tasks`));
  lines[lines.length - 1] += `  ${style("dim", formatDuration(elapsedMs))}`;
  return lines;
}

function mark(counts: TaskProgress, style: Terminal["style"]): string {
  if (counts.failed > 0) return style("bad", "✗");
  if (counts.running > 0) return style("accent", "●");
  if (counts.pending > 0) return style("dim", "○");
  if (counts.cancelled > 0) return style("warn", "–");
  return style("good", "✓");
}

/** Shows a run: redrawn in place on a terminal, now and then a line elsewhere. */
export function showProgress(progress: Progress, terminal: Terminal, start = Date.now()): ProgressView {
  return terminal.live ? liveTable(progress, terminal, start) : plainLines(progress, terminal, start);
}

function liveTable(progress: Progress, terminal: Terminal, start: number): ProgressView {
  let height = 0;
  const erase = (): string => (height > 0 ? `\x1b[${height}A\x1b[J` : "");
  const draw = (): void => {
    if (progress.tasks.size === 0) return;
    const rows = process.stderr.rows ?? 24;
    const lines = progressTable(progress, Date.now() - start, terminal).slice(0, Math.max(1, rows - 2));
    // One write a frame, so that nothing flickers; lines that wrap would be miscounted, so they are cut by the terminal.
    terminal.raw(`${erase()}\x1b[?7l${lines.join("\n")}\n\x1b[?7h`);
    height = lines.length;
  };
  const timer = setInterval(draw, DRAW_MS);
  timer.unref();
  return {
    print(text) {
      terminal.raw(erase());
      height = 0;
      terminal.note(text);
      draw();
    },
    stop() {
      clearInterval(timer);
      draw();
    },
  };
}

function plainLines(progress: Progress, terminal: Terminal, start: number): ProgressView {
  let last = "";
  const say = (): void => {
    const { done, cached, failed, running, pending } = progress.total;
    const parts = [
      running > 0 && `${running} running`,
      pending > 0 && `${pending} pending`,
      `${done} done`,
      `${cached} cached`,
      failed > 0 && `${failed} failed`,
    ].filter(Boolean);
    const text = parts.join(", ");
    if (text === last) return;
    last = text;
    terminal.note(`[${formatDuration(Date.now() - start)}] ${text}`);
  };
  const timer = setInterval(say, SAY_MS);
  timer.unref();
  return {
    print: (text) => terminal.note(text),
    stop() {
      clearInterval(timer);
      for (const line of progressTable(progress, Date.now() - start, terminal)) terminal.note(line);
    },
  };
}
