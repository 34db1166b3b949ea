import type { ErrorFacts, Hash } from "../kernel/index.ts";
import { SCRIPT } from "../project/owner.ts";
import type { AttemptRow, JobRow, RunRow, TaskRow } from "../store/types.ts";
import { type EnvironmentFacts, environmentOfJob } from "./environments/index.ts";
import { errorOf } from "./error.ts";
import type { ProjectRecord } from "./open.ts";
import { parameterNames } from "./parameter-names.ts";
import { argumentsText } from "./stored-value.ts";

/** What there is to know of a job beside its row; each fact is asked of the store when it is wanted. */
export interface JobFacts {
  readonly job: JobRow;
  /** Its last attempt, or that of the script that its body built. */
  attempt(): Promise<AttemptRow | undefined>;
  /** The environment that it ran in. */
  environment(): Promise<EnvironmentFacts | undefined>;
  /** Its arguments in a line: `reads: "a.fq", depth: 10`. */
  args(): Promise<string>;
  error(): Promise<ErrorFacts | undefined>;
  /** The code it ran by. */
  definition(): Promise<TaskRow | undefined>;
  run(): Promise<RunRow | undefined>;
}

/**
 * Gives the facts of jobs, of which many may have the same code.
 *
 * @example
 * ```ts
 * const facts = jobFacts(record);
 * const peaks = await Promise.all(jobs.map(async (job) => (await facts(job).attempt())?.peakMemory));
 * ```
 */
export function jobFacts(record: ProjectRecord): (job: JobRow) => JobFacts {
  const { store } = record;
  const definitions = new Map<Hash, Promise<TaskRow | undefined>>();
  const names = new Map<Hash, Promise<readonly string[]>>();
  const definitionOf = (hash: Hash): Promise<TaskRow | undefined> => kept(definitions, hash, () => store.getTask(hash));
  const namesOf = (hash: Hash): Promise<readonly string[]> =>
    kept(names, hash, async () => parameterNames((await definitionOf(hash))?.code ?? ""));

  return (job) => ({
    job,
    async attempt() {
      const [script] = await store.listJobs({ run: job.run, parent: job.id, task: SCRIPT, order: "newest", limit: 1 });
      return (await store.listAttempts(script?.id ?? job.id)).at(-1);
    },
    environment: () => environmentOfJob(store, job),
    async args() {
      const text = (await store.findValues([job.argsValue])).get(job.argsValue);
      return text === undefined ? "" : argumentsText(text, await namesOf(job.taskHash), record);
    },
    error: () => errorOf(store, job),
    definition: () => definitionOf(job.taskHash),
    run: () => store.getRun(job.run),
  });
}

function kept<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
