import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ErrorFacts } from "../../kernel/index.ts";
import type { Failure } from "../../record/failure.ts";
import { userFrames } from "../terminal/error.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import { tracebackLines } from "../../record/traceback.ts";
import type { Paint } from "../terminal/terminal.ts";
import { shorten, wrap } from "../terminal/text.ts";

/** Where a card is read. */
export interface CardOptions {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
  /** The command that shows more. */
  readonly more: string;
  /** Each call of the chain with its arguments, not only the way. */
  readonly chain?: boolean;
  readonly cwd?: string;
}

/** So many of the last lines of stderr are shown. */
const MOST_STDERR = 10;
const MOST_FRAMES = 6;
/** What a script leaves in its work directory, to be run by hand. */
const COMMAND_FILE = ".command.sh";
const LONGEST_LINE = 400;
const LONGEST_PROSE = 100;
/** So many likely causes are named. */
const MOST_CAUSES = 2;
/** So many steps of a way are shown. */
const MOST_STEPS = 12;

/**
 * Describes a failure: what failed and how, the calls that led to it, its arguments, the last lines of stderr, the likely
 * cause, the work directory, what to try, and how to see more, with the code to look it up by. The frames of a stack
 * trace are the user's own, with their lines.
 */
export async function failureCard(failure: Failure, options: CardOptions): Promise<string[]> {
  const { paint, width, more, cwd = process.cwd() } = options;
  const { task, path, chain, args, attempts, error, causes, firstError, stderr, workDir } = failure;
  const { stack, cause } = error;
  const room = Math.max(20, width - 10);
  const proseRoom = Math.min(room, LONGEST_PROSE);
  const [title = "", ...rest] = messageOf(error).split("\n");
  const lines = [`${paint("bad", "✗")} ${paint("strong", `${task} failed`)}: ${title}`];
  const row = (label: string, text: string): void => void lines.push(`  ${paint("dim", label.padEnd(6))}  ${text}`);
  const block = (label: string, texts: readonly string[]): void =>
    texts.forEach((text, i) => row(i === 0 ? label : "", text));

  block("", rest);
  if (options.chain && chain.length > 1) block("in", chainLines(chain, room, paint));
  else {
    if (path.length > 1) row("in", shortPath(path, room));
    if (args !== "") row("args", shorten(inShort(args), room));
  }
  if (attempts > 1) row("tries", String(attempts));
  const begin = Math.max(0, stderr.length - MOST_STDERR);
  const shown = stderr.slice(
    Math.max(
      begin,
      stderr.findIndex((line) => line.trim() !== ""),
    ),
  );
  if (firstError && !shown.some((line) => line.trim() === firstError.text.trim())) {
    const where = firstError.line === undefined ? "" : paint("dim", `line ${firstError.line}: `);
    row("first", where + firstError.text.slice(0, LONGEST_LINE));
  }
  block(
    "stderr",
    shown.map((line) => line.slice(0, LONGEST_LINE)),
  );
  const traceback = stack === undefined ? undefined : tracebackLines(stack);
  if (traceback) {
    // On their own columns, as Python shows them: what people paste into a search, and programs jump to.
    lines.push(...traceback.map((line) => `    ${line.slice(0, LONGEST_LINE)}`));
  } else if (!isOwn(error) && stack !== undefined) block("at", (await userFrames(stack)).slice(0, MOST_FRAMES));
  if (cause) row("cause", shorten(messageOf(cause), room));
  for (const { says } of causes.filter(({ told }) => !told).slice(0, MOST_CAUSES))
    block("likely", wrap(says, proseRoom));
  const byHand = existsSync(join(workDir ?? "", COMMAND_FILE))
    ? `  ${paint("dim", `(bash ${COMMAND_FILE} runs it by hand)`)}`
    : "";
  if (workDir !== undefined) row("work", pathFrom(workDir, cwd) + byHand);
  const mend = causes[0]?.mend ?? error.mend;
  if (mend !== undefined) block("try", wrap(mend, proseRoom));
  row("more", isOwn(error) ? `${more}  ${paint("dim", error.code ?? "")}` : more);
  return lines;
}

/** Where an output lies in the store tells people nothing: its name is enough. */
const inShort = (args: string): string => args.replaceAll(/[^"\s]*\/?outputs\/[0-9a-f]{2}\/[0-9a-f]{40}\//g, "…/");

/** Did Ligase raise it, for a reason it knows? */
function isOwn({ code }: ErrorFacts): boolean {
  return code?.startsWith("LIGASE_E_") ?? false;
}

/** An exception keeps its type. */
function messageOf(error: ErrorFacts): string {
  return isOwn(error) ? error.message : `${error.name}: ${error.message}`;
}

/** The calls that led to a failure, a line each, those in the middle of a long way left out. */
function chainLines(chain: Failure["chain"], room: number, paint: Paint): string[] {
  const ends = MOST_STEPS / 2;
  const shown = chain.length <= MOST_STEPS ? chain : [...chain.slice(0, ends), ...chain.slice(-ends)];
  const lines = shown.map(({ task, args = "…", job }, i) => {
    const arrow = i === 0 ? "" : "→ ";
    const text = shorten(`${arrow}${task}(${inShort(args)})`, room - 10);
    return `${text}  ${paint("dim", short(job))}`;
  });
  if (shown.length < chain.length) lines.splice(ends, 0, `… ${chain.length - shown.length} more calls`);
  return lines;
}

/** The way to a task, a recursion of it once, its middle left out where it is long. */
function shortPath(path: readonly string[], room: number): string {
  const steps: string[] = [];
  for (let i = 0; i < path.length;) {
    let times = 1;
    while (path[i + times] === path[i]) times++;
    steps.push(times === 1 ? path[i]! : `${path[i]} ×${times}`);
    i += times;
  }
  for (let left = Math.min(steps.length, MOST_STEPS); left > 2; left--) {
    const head = Math.ceil(left / 2);
    const shown = left === steps.length ? steps : [...steps.slice(0, head), "…", ...steps.slice(head - left)];
    const text = shown.join(" → ");
    if (text.length <= room) return text;
  }
  const ends = steps.length > 2 ? [steps[0], "…", steps.at(-1)] : steps;
  return shorten(ends.join(" → "), room);
}
