import { formatBytes, formatDuration } from "../../kernel/index.ts";
import { environmentText } from "../../record/environments/index.ts";
import type { JobFacts } from "../../record/job-facts.ts";
import { short } from "../../record/short.ts";
import type { AttemptRow } from "../../store/types.ts";
import { markOf, wordOf } from "../terminal/states.ts";
import { type Column, type Columns, tagsText } from "./table.ts";

/** What is shown of jobs where nothing is said. */
export const USUAL_JOB_COLUMNS = ["id", "task", "state", "started", "duration", "memory", "args"];

/** A fact of the last attempt. */
function ofAttempt<K extends keyof AttemptRow>(
  doc: string,
  key: K,
  write: (value: NonNullable<AttemptRow[K]>) => string = String,
): Column<JobFacts> {
  const value = async (job: JobFacts): Promise<AttemptRow[K] | null> => (await job.attempt())?.[key] ?? null;
  return {
    doc,
    value,
    async text(job) {
      const found = await value(job);
      return found === null || found === undefined ? "" : write(found);
    },
  };
}

const textOf = <T>(value: T | null | undefined, write: (value: T) => string): string =>
  value === null || value === undefined ? "" : write(value);

const numeric = (column: Column<JobFacts>): Column<JobFacts> => ({ ...column, right: true });

const time = (doc: string, key: "createdAt" | "startedAt" | "endedAt"): Column<JobFacts> => ({
  doc,
  value: ({ job }) => job[key],
  text: ({ job }, style) => textOf(job[key], style.time),
});

const between = (from: number | null, to: number | null): number | null =>
  from === null || to === null ? null : to - from;

/** What may be shown of jobs. Values are ids in full, milliseconds and bytes. */
export const JOB_COLUMNS: Columns<JobFacts> = {
  id: {
    doc: "its id",
    value: ({ job }) => job.id,
    text: ({ job }, { paint }) => `${markOf(job.state, paint)} ${paint("accent", short(job.id))}`,
  },
  run: { doc: "the run it belongs to", value: ({ job }) => job.run, text: ({ job }) => short(job.run) },
  task: { doc: "its task", shrinks: true, value: ({ job }) => job.task },
  state: {
    doc: "where it stands",
    value: ({ job }) => job.state,
    text: ({ job }, { paint }) => wordOf(job.state, paint),
  },
  reason: { doc: "why it ran or did not, in a word", value: ({ job }) => job.reason },
  args: { doc: "what it was given", value: (job) => job.args(), text: (job) => job.args() },
  created: time("when it was called", "createdAt"),
  started: time("when it began to run", "startedAt"),
  ended: time("when it ended", "endedAt"),
  duration: numeric({
    doc: "how long it ran",
    value: ({ job }) => between(job.startedAt, job.endedAt),
    text: ({ job }) => textOf(between(job.startedAt, job.endedAt), formatDuration),
  }),
  waited: numeric({
    doc: "how long it waited before",
    value: ({ job }) => between(job.createdAt, job.startedAt),
    text: ({ job }) => textOf(between(job.createdAt, job.startedAt), formatDuration),
  }),
  attempts: numeric({ doc: "how often it was tried", value: ({ job }) => job.attempts }),
  cpu: numeric({
    doc: "processors it used on average",
    async value(job) {
      const attempt = await job.attempt();
      return attempt?.cpuMs && attempt.wallMs ? attempt.cpuMs / attempt.wallMs : null;
    },
    async text(job) {
      const attempt = await job.attempt();
      return attempt?.cpuMs && attempt.wallMs ? (attempt.cpuMs / attempt.wallMs).toFixed(1) : "";
    },
  }),
  cputime: numeric(ofAttempt("processor time it used", "cpuMs", formatDuration)),
  memory: numeric(ofAttempt("the most memory it used", "peakMemory", formatBytes)),
  "cpu-asked": numeric(ofAttempt("processors it asked for", "cpu")),
  "memory-asked": numeric(ofAttempt("memory it asked for", "memory", formatBytes)),
  read: numeric(ofAttempt("bytes of inputs", "bytesIn", formatBytes)),
  written: numeric(ofAttempt("bytes of outputs", "bytesOut", formatBytes)),
  image: {
    doc: "the environment it ran in",
    async value(job) {
      const environment = await job.environment();
      if (!environment) return null;
      const { title, engine, digest, identity } = environment;
      return { title, engine, digest, identity };
    },
    async text(job) {
      const environment = await job.environment();
      return environment ? environmentText(environment) : "";
    },
  },
  limits: {
    doc: "which limits it was held to",
    value: async (job) => (await job.attempt())?.limits?.split(" ").filter(Boolean) ?? null,
    async text(job) {
      const limits = (await job.attempt())?.limits ?? null;
      return limits === null ? "" : limits.replaceAll(" ", ", ") || "none";
    },
  },
  executor: { doc: "where jobs like it run", value: ({ job }) => job.executor },
  host: ofAttempt("the machine it ran on", "host"),
  outcome: ofAttempt("how its last attempt ended", "outcome"),
  exit: numeric(ofAttempt("the exit status of its script", "exitCode")),
  error: {
    doc: "what went wrong",
    value: async (job) => (await job.error())?.message,
    text: async (job) => ((await job.error())?.message ?? "").split("\n")[0]!,
  },
  tags: { doc: "its tags", value: ({ job }) => job.tags ?? {}, text: ({ job }) => tagsText(job.tags ?? {}) },
  code: {
    doc: "where its code stands",
    async value(job) {
      const task = await job.definition();
      return task && task.file !== "" ? `${task.file}:${task.line}` : null;
    },
  },
  parent: {
    doc: "the job that called it",
    value: ({ job }) => job.parent,
    text: ({ job }) => textOf(job.parent, short),
  },
  call: { doc: "its cache key", value: ({ job }) => job.call },
  workdir: ofAttempt("its work directory", "workDir"),
  stdout: ofAttempt("the file with its stdout", "stdout"),
  stderr: ofAttempt("the file with its stderr", "stderr"),
  tools: ofAttempt("the programs it called, with their versions", "tools", tagsText),
};
