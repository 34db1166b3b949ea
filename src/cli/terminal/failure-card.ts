import { errorFacts } from "../../kernel/index.ts";
import type { Job } from "../../engine/index.ts";
import { pathFrom } from "./value.ts";
import type { Terminal } from "./terminal.ts";
import { shorten } from "./text.ts";

/** What is known of a failed job. */
export interface Failure {
  readonly job: Job;
  readonly error: unknown;
  /** Its arguments as JSON, with the names of the parameters. */
  readonly args: string;
}

/**
 * Describes a failure: what failed and how, the calls that led to it, its arguments, the last lines
 * of stderr, the work directory, and how to see more. The frames of a stack trace are the user's
 * own, with their lines.
 */
export async function failureCard(failure: Failure, terminal: Terminal, cwd = process.cwd()): Promise<string> {
  const { job, error, args } = failure;
  const { name, message, mend, stack, facts, code, cause } = errorFacts(error);
  const { style } = terminal;
  const chain = job.chain.map((each) => each.task.name).filter((task, i, all) => task !== "script" || i < all.length - 1);
  const owner = job.task.name === "script" ? (job.parent?.task.name ?? "script") : job.task.name;
  const room = Math.max(20, terminal.width - 10);
  const title = code?.startsWith("LIGASE_E_") ? message : `${name}: ${message}`;
  const lines = [`${style("bad", "✗")} ${style("strong", `${owner} failed`)}: ${title.split("\n")[0]}`];
  const row = (label: string, text: string): void => void lines.push(`  ${style("dim", label.padEnd(6))}  ${text}`);
  for (const line of title.split("\n").slice(1)) row("", line);
  if (chain.length > 1) row("in", shorten(chain.filter((task) => task !== "script").join(" → "), room));
  if (args !== "") row("args", shorten(args, room));
  if (job.attempts > 1) row("tries", String(job.attempts));
  const tail = facts?.["stderrTail"];
  if (typeof tail === "string" && tail.trim() !== "") {
    tail
      .trimEnd()
      .split("\n")
      .slice(-10)
      .forEach((line, i) => row(i === 0 ? "stderr" : "", line.slice(0, 400)));
  }
  const frames = code?.startsWith("LIGASE_E_") ? [] : await userFrames(stack ?? "");
  frames.slice(0, 6).forEach((frame, i) => row(i === 0 ? "at" : "", frame));
  if (cause) row("cause", shorten(`${cause.name}: ${cause.message}`, room));
  const workDir = facts?.["workDir"];
  if (typeof workDir === "string") row("work", `${pathFrom(workDir, cwd)}  ${style("dim", "(bash .command.sh runs it again by hand)")}`);
  if (mend !== undefined) row("try", mend);
  row("more", `ligase show ${job.id.slice(0, 8)}`);
  return lines.join("\n");
}

/** The frames of a stack trace that lie in the user's own code. */
async function userFrames(stack: string): Promise<string[]> {
  const { mapStack } = await import("../../code/index.ts");
  return mapStack(stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim().replace(/^at /, ""));
}
