import type { OptionSpecs, OptionValues } from "../options.ts";
import { RUN_OPTIONS } from "./options.ts";

const { json, logs, cpus, memory, retries, profile, container, notify, tag, store, quiet } = RUN_OPTIONS;

/** The flags of `ligase rerun`: those of `run` that go with one call, and two of its own. */
export const RERUN_OPTIONS = {
  recorded: { type: "boolean", doc: "with the code of then, as long as its bundle is kept, in place of today's" },
  file: { type: "text", value: "<file>", doc: "the workflow file, where it is no longer the one that was recorded" },
  "no-cache": { type: "boolean", doc: "run everything below it again too, not only its own body" },
  json,
  "fail-fast": RUN_OPTIONS["fail-fast"],
  logs,
  "no-logs": RUN_OPTIONS["no-logs"],
  "keep-work": RUN_OPTIONS["keep-work"],
  cpus,
  memory,
  retries,
  profile,
  container,
  notify,
  tag,
  store,
  quiet,
} as const satisfies OptionSpecs;

/** What was said to `ligase rerun`. */
export type RerunOptions = OptionValues<typeof RERUN_OPTIONS>;
