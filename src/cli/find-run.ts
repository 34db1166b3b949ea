import { LigaseError } from "../kernel/index.ts";
import { short } from "../record/short.ts";
import type { RunRow, Store } from "../store/types.ts";
import { findById, newestRun } from "./find.ts";

/**
 * The run that a word stands for: its id, or that of a job of it; without a word the newest.
 *
 * @throws LigaseError `LIGASE_E_ID`; `LIGASE_E_RUN_GONE` for a job whose run was removed
 */
export async function findRun(store: Store, id: string | undefined): Promise<RunRow> {
  if (id === undefined) return newestRun(store);
  const found = await findById(store, id);
  if (found.kind === "run") return found.run;
  const run = await store.getRun(found.job.run);
  if (run) return run;
  throw new LigaseError("LIGASE_E_RUN_GONE", `the run of job ${short(found.job.id)} is not recorded any more`, {
    facts: { job: found.job.id, run: found.job.run },
    mend: "ligase log lists the runs that are there",
  });
}
