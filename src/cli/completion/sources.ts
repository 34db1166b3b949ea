import { JOB_STATES, RUN_STATES, short, withRecord } from "../../record/index.ts";
import { isLift, SCRIPT } from "../../project/owner.ts";
import type { Store } from "../../store/types.ts";
import { TEMPLATES } from "../scaffold/index.ts";
import { ago } from "../terminal/when.ts";
import type { Candidate } from "./candidate.ts";
import { isOfServer, serverCandidates } from "./server.ts";

/** The shell completes paths of files. */
export const FILES: Candidate = { word: ":files" };
/** The shell completes paths of workflow files. */
export const WORKFLOWS: Candidate = { word: ":files .ts" };
/** The shell completes paths of folders. */
export const DIRS: Candidate = { word: ":dirs" };

/** So many runs, and so many jobs, are offered. */
const MOST = 40;

const STATES = [...new Set([...RUN_STATES, ...JOB_STATES])];
const TIMES = ["1h", "1d", "7d", "today", "yesterday"];

/**
 * What may stand where a command's usage or an option's value says so: `<run or job>`, `<file>`, `<kind|run|task>`.
 *
 * @param typed - the word that is being written
 */
export async function recordCandidates(place: string, typed = ""): Promise<readonly Candidate[]> {
  if (place === "<state>") return STATES.map((word) => ({ word }));
  if (place === "<time>") return TIMES.map((word) => ({ word }));
  if (place === "<profile>") return (await profiles().catch(() => [])).map((word) => ({ word }));
  if (place === "<template>") return Object.entries(TEMPLATES).map(([word, { summary }]) => ({ word, about: summary }));
  if (place === "<shell>") return ["bash", "zsh", "fish"].map((word) => ({ word }));
  if (place.includes("|"))
    return place
      .slice(1, -1)
      .split("|")
      .map((word) => ({ word }));
  // No server runs, perhaps.
  if (isOfServer(place)) return serverCandidates(place).catch(() => []);
  if (/\bvolume\b/.test(place) || place === "<from>" || place === "<to>") {
    const { volumeNames, volumePaths } = await import("./volumes.ts");
    // There are none, or they cannot be looked at.
    if (place === "<volume>") return volumeNames().catch(() => []);
    const paths = await volumePaths(typed).catch(() => []);
    return place === "<volume/path>" || (paths.length > 0 && typed.includes("/")) ? paths : [...paths, FILES];
  }
  if (place === "<secret>") return withRecord(undefined, secretsOf).catch(() => []);
  const found: Candidate[] = [];
  if (/folder/.test(place)) found.push(DIRS);
  if (/\bworkflow/.test(place)) found.push(WORKFLOWS);
  else if (/\b(file|archive|path)\b/.test(place)) found.push(FILES);
  if (/\b(runs?|jobs?|tasks?|key=value)\b/.test(place)) {
    // Nothing has run here yet, perhaps.
    found.push(...(await withRecord(undefined, ({ store }) => fromStore(store, place)).catch(() => [])));
  }
  return found;
}

/** The names of the profiles in the configuration of the project around here. */
async function profiles(): Promise<readonly string[]> {
  const { resolveConfig } = await import("../../config/index.ts");
  const { findProject } = await import("../../project/project.ts");
  const load = async (file: string) => (await import("../../code/index.ts")).importModule(file);
  const { said } = await resolveConfig(findProject(process.cwd()), load, { environment: {} });
  return Object.keys(said.profiles ?? {});
}

async function secretsOf({ store }: { readonly store: Store }): Promise<readonly Candidate[]> {
  return (await store.listSecrets()).map(({ name }) => ({ word: name, about: "secret" }));
}

async function fromStore(store: Store, place: string): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  const runs = await store.listRuns({ endpoint: null, limit: MOST });
  if (/\bkey=value\b/.test(place)) {
    const tags = runs.flatMap((run) => Object.entries(run.tags).map((tag) => tag.join("=")));
    return [...new Set(tags)].map((word) => ({ word }));
  }
  if (/\bruns?\b/.test(place)) {
    const [newest] = runs;
    if (newest) found.push({ word: "@", about: `the newest run: ${newest.task}, ${newest.state}` });
    found.push(
      ...runs.map((run) => ({ word: short(run.id), about: `run of ${run.task}, ${run.state}, ${ago(run.startedAt)}` })),
    );
  }
  if (/\btasks?\b/.test(place)) {
    const names = new Set((await store.listTasks()).filter((task) => task.file !== "").map((task) => task.name));
    found.push(...[...names].filter((name) => !isLift({ task: name })).map((word) => ({ word, about: "task" })));
  }
  const newest = runs[0];
  if (/\bjobs?\b/.test(place) && newest) {
    // Those that failed are what people ask about.
    for (const states of [["failed"], ["running", "done"]] as const) {
      const jobs = await store.listJobs({ run: newest.id, states, order: "newest", limit: MOST });
      const known = jobs.filter((job) => !isLift(job) && job.task !== SCRIPT);
      found.push(...known.map((job) => ({ word: short(job.id), about: `job of ${job.task}, ${job.state}` })));
    }
  }
  return found;
}
