import { join } from "node:path";
import type { ErrorFacts } from "../../kernel/index.ts";
import type { AttemptRow, JobRow } from "../../store/types.ts";
import { STDERR_FILE, STDOUT_FILE } from "../../worker/script/command-file.ts";
import type { ProjectRecord } from "../open.ts";
import { findCauses } from "./find.ts";
import { inputsOf } from "./inputs.ts";
import { firstError, type FirstError, linesOf, type Output, readOutput } from "./output.ts";
import type { Cause } from "./types.ts";

/** What a failed job's output and inputs tell of its cause. */
export interface Diagnosis {
  /** The likeliest first. */
  readonly causes: readonly Cause[];
  /** The first line of its output that tells of an error. */
  readonly firstError: FirstError | undefined;
}

/**
 * Looks for the cause of a failure: in what the job wrote, in how it ended, in its arguments, and in the files it was
 * given, up to the job that made an empty one.
 *
 * @param job - in which the error arose
 */
export async function causesOf(
  record: ProjectRecord,
  job: JobRow,
  error: ErrorFacts,
  attempt: AttemptRow | undefined,
): Promise<Diagnosis> {
  const stderr = logOf(attempt, "stderr", error);
  const { files, carriageReturns } = await inputsOf(record, job);
  const exitCode = attempt?.exitCode ?? numberIn(error, "exitCode");
  const lines = [...stderr.lines, ...logOf(attempt, "stdout").lines, ...(isOwn(error) ? [] : messages(error))];
  const causes = findCauses({
    // What is said a thousand times is looked at once.
    lines: [...new Set(lines)],
    error,
    exitCode,
    signal: attempt?.signal ?? null,
    attempt,
    inputs: files,
    carriageReturns,
    script: await scriptOf(record, job),
  });
  return { causes, firstError: firstError(stderr) };
}

/** What was written, from where logs are kept or from the work directory; of stderr at least what the error tells. */
function logOf(attempt: AttemptRow | undefined, stream: "stdout" | "stderr", error?: ErrorFacts): Output {
  const file = stream === "stdout" ? STDOUT_FILE : STDERR_FILE;
  const places = [attempt?.[stream], attempt?.workDir ? join(attempt.workDir, file) : undefined];
  for (const place of places) {
    const output = readOutput(place);
    if (output.lines.length > 0) return output;
  }
  const told = error?.facts?.["stderrTail"];
  return { lines: Array.isArray(told) ? linesOf(told.join("\n")) : [], whole: false };
}

/** Ours say how a script ended; those of others are messages of what failed. */
const isOwn = ({ code }: ErrorFacts): boolean => code?.startsWith("LIGASE_E_") ?? false;

function messages(error: ErrorFacts): string[] {
  const own = linesOf(`${error.name}: ${error.message}`);
  return error.cause ? [...own, ...messages(error.cause)] : own;
}

function numberIn({ facts }: ErrorFacts, name: string): number | null {
  const value = facts?.[name];
  return typeof value === "number" ? value : null;
}

async function scriptOf({ store }: ProjectRecord, { argsValue }: JobRow): Promise<string> {
  const text = (await store.findValues([argsValue])).get(argsValue);
  const spec: unknown = text === undefined ? undefined : (JSON.parse(text) as unknown[])[0];
  if (typeof spec !== "object" || spec === null || !("parts" in spec) || !Array.isArray(spec.parts)) return "";
  return spec.parts.join("${…}");
}
