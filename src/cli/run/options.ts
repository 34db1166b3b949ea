import type { OptionSpecs, OptionValues } from "../options.ts";

/** The flags of `ligase run` itself. */
export const RUN_OPTIONS = {
  json: { type: "boolean", doc: "print the result as one line of JSON" },
  "dry-run": { type: "boolean", doc: "say what would run, what is cached, and why; run nothing" },
  jsonl: { type: "boolean", doc: "with --dry-run, print JSON, a line for each task" },
  sample: { type: "text", value: "<n>", doc: "take the first n items of every map: a cheap trial" },
  stub: { type: "boolean", doc: "run the stubs of tasks in place of their bodies: the wiring alone" },
  "fail-fast": { type: "boolean", doc: "stop everything at the first failure" },
  "no-cache": { type: "boolean", doc: "run every body again; results are recorded all the same" },
  force: { type: "list", value: "<task>", doc: "run the bodies of this task again; may be repeated" },
  "keep-work": { type: "boolean", doc: "keep the work directories of jobs that succeed" },
  cpus: { type: "number", value: "<n>", doc: "processors for local jobs in all" },
  memory: { type: "text", value: "<size>", doc: 'memory for local jobs in all, such as "16 GiB"' },
  retries: { type: "number", value: "<n>", doc: "how often a failed job is tried again where its task does not say" },
  profile: { type: "text", value: "<profile>", doc: "take the settings of this profile of the configuration" },
  container: {
    type: "text",
    value: "<engine>",
    doc: "run tasks that name an image with sandbox, podman, docker, host, or auto",
  },
  notify: {
    type: "list",
    value: "<url>",
    doc: "post to this webhook when the run has ended, in place of the configuration's; may be repeated",
  },
  logs: { type: "boolean", doc: "show what jobs write while they run, also those outside of images" },
  "no-logs": { type: "boolean", doc: "do not show what jobs write" },
  context: {
    type: "text",
    value: "<name>",
    doc: "run it on this server: a context, or an address (LIGASE_CONTEXT, else this machine)",
  },
  detach: { type: "boolean", doc: "with --context: print the id of the run, and do not wait for it" },
  watch: { type: "boolean", doc: "run again when the code or the inputs change; Ctrl+C ends it" },
  tag: { type: "list", value: "<key=value>", doc: "words to find the run by; may be repeated" },
  store: { type: "text", value: "<folder>", doc: "where the record and the outputs lie (.ligase)" },
  quiet: { type: "boolean", doc: "print the result and failures only" },
  help: { type: "boolean", short: "h", doc: "explain this command, or the flags of the task" },
} as const satisfies OptionSpecs;

/** What was said to `ligase run` itself. */
export type RunOptions = OptionValues<typeof RUN_OPTIONS>;

/** Whose output is shown while it is written. */
export function logsWanted(options: Pick<RunOptions, "logs" | "no-logs" | "quiet">): "usual" | "all" | "none" {
  if (options.quiet || options["no-logs"]) return "none";
  return options.logs ? "all" : "usual";
}

/** The files that the words of a task name with `--params`, as they are written. */
export function paramsFiles(words: readonly string[]): string[] {
  return words.flatMap((word, i) => {
    if (word.startsWith("--params=")) return [word.slice("--params=".length)];
    const next = words[i + 1];
    return word === "--params" && next !== undefined ? [next] : [];
  });
}
