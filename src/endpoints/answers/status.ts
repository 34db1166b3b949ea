import type { QueueJob } from "../queue/types.ts";

/** Bytes of an output, as JSON, that still go into a status body; a larger one is answered as a link. */
export const LARGEST_OUTPUT = 20_000_000;

/** What a status body says beside what the job's row does. */
export interface StatusParts {
  /** The output, or the last progress, as JSON; null where there is none, or where it is a link. */
  readonly output: string | null;
  /** Where an output is that is too large. */
  readonly outputUrl?: string | undefined;
  /** Why nobody has taken it yet; null when nothing is amiss. */
  readonly waitsFor?: string | null | undefined;
}

/**
 * The status body of a job as JSON text, in the fields of RunPod's API and in their order. Outputs are put in as the text
 * that they are: they may be large, and hold numbers that would not survive being read.
 *
 * @example
 * ```ts
 * statusText(job, { output: "[1,2]" });
 * // {"delayTime":12,"executionTime":340,"id":"…-u1","output":[1,2],"status":"COMPLETED","workerId":"…"}
 * ```
 */
export function statusText(job: QueueJob, { output, outputUrl, waitsFor }: StatusParts): string {
  const { state, takenAt, endedAt, queuedAt } = job;
  const begun = state === "IN_QUEUE" ? null : (takenAt ?? endedAt);
  const waited = begun === null ? null : Math.max(0, begun - queuedAt);
  const ran = takenAt === null || endedAt === null ? null : Math.max(0, endedAt - takenAt);
  let text = "{";
  if (waited !== null) text += `"delayTime":${waited},`;
  if (state === "FAILED" || state === "TIMED_OUT") {
    text += `"error":${JSON.stringify(job.error ?? job.reason ?? "the job failed")},`;
  }
  if (ran !== null) text += `"executionTime":${ran},`;
  text += `"id":${JSON.stringify(job.id)},`;
  if (state === "COMPLETED") text += `"output":${output ?? "null"},`;
  else if (state === "IN_PROGRESS" && output !== null) text += `"output":${output},`;
  if (outputUrl !== undefined) {
    text += `"outputSize":${job.outputSize ?? 0},"outputUrl":${JSON.stringify(outputUrl)},`;
  }
  const reason = state === "IN_QUEUE" ? waitsFor : job.reason;
  if (reason !== null && reason !== undefined) text += `"reason":${JSON.stringify(reason)},`;
  if (job.retries > 0) text += `"retries":${job.retries},`;
  text += `"status":"${state}"`;
  if (job.worker !== null) text += `,"workerId":${JSON.stringify(job.worker)}`;
  return `${text}}`;
}
