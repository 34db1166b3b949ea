import { explainJob, type Explanation } from "../engine/explain/index.ts";
import type { JobRow } from "../store/types.ts";
import type { ProjectRecord } from "./open.ts";
import { parameterNames } from "./parameter-names.ts";

/** Explains a job, with its arguments by the names that its recorded code gives them. */
export async function explain({ store }: ProjectRecord, job: JobRow): Promise<Explanation> {
  const task = await store.getTask(job.taskHash);
  return explainJob(store, job, await parameterNames(task?.code ?? ""));
}
