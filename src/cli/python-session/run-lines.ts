import type { Run } from "../../engine/index.ts";
import { formatDuration } from "../../kernel/index.ts";
import { short } from "../../record/short.ts";
import type { JobState } from "../../store/types.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** How often a run that takes long says where it is, in milliseconds. */
const SAY_MS = 5000;

const ENDED: readonly JobState[] = ["done", "cached", "failed", "cancelled"];
const ALL: readonly JobState[] = ["running", "pending", ...ENDED];

/**
 * Tells of the runs of a program, a line each. Nothing is redrawn: the program writes to the same screen whenever it likes.
 */
export class RunLines {
  readonly #terminal: Terminal;
  readonly #quiet: boolean;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(terminal: Terminal, quiet: boolean) {
    this.#terminal = terminal;
    this.#quiet = quiet;
  }

  /** Says something that people can do without. */
  say(text: string): void {
    if (!this.#quiet) this.#terminal.note(this.#terminal.style("dim", text));
  }

  /** A run begins. */
  add(run: Run): void {
    const begun = performance.now();
    const elapsed = (): string => formatDuration(performance.now() - begun);
    const { style } = this.#terminal;
    const timer = setInterval(() => this.say(`[${elapsed()}] ${run.row.task}  ${countsOf(run, ALL)}`), SAY_MS).unref();
    this.#timers.add(timer);
    const over = (failed: boolean): void => {
      clearInterval(timer);
      this.#timers.delete(timer);
      const counts = countsOf(run, ENDED);
      if (failed) {
        const more = style("dim", `ligase log ${short(run.id)}`);
        this.#terminal.note(`${style("bad", `✗ ${run.row.task}`)}  ${counts}  ${style("dim", elapsed())}  ${more}`);
      } else if (counts !== "" && !this.#quiet) {
        this.#terminal.note(`${style("good", "✓")} ${run.row.task}  ${counts}  ${style("dim", elapsed())}`);
      }
    };
    run.result.then(
      () => over(false),
      () => over(true),
    );
  }

  /** Nothing more is said. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

/** `120 done, 3 cached`: of the calls, without the body of the program that made them. */
function countsOf({ progress, row }: Run, states: readonly JobState[]): string {
  const counts = new Map<JobState, number>();
  for (const [task, each] of progress.tasks) {
    if (task === row.tags["program"]) continue;
    for (const state of states) counts.set(state, (counts.get(state) ?? 0) + each[state]);
  }
  return [...counts].flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : [])).join(", ");
}
