import { LigaseError } from "../../kernel/index.ts";
import type { Worker } from "./worker.ts";

/** A request to a web app finds no worker. */
export function noWorker(endpoint: string, reason: string): LigaseError {
  return new LigaseError("LIGASE_E_NO_WORKER", `no worker of ${endpoint} is there: ${reason}`, {
    facts: { endpoint, reason },
    mend: `ligase endpoint show ${endpoint} tells more`,
  });
}

/**
 * The workers of a version do not become ready.
 *
 * @param worker - the last that did not
 */
export function doesNotStart(endpoint: string, reason: string, worker?: Worker): LigaseError {
  return new LigaseError("LIGASE_E_WORKER_START", `${endpoint}: ${reason}`, {
    facts: { endpoint, reason, ...(worker && { worker: worker.id, stderr: worker.stderr }) },
    mend: worker
      ? `ligase worker logs ${worker.id} shows what it wrote`
      : `ligase endpoint show ${endpoint} tells more`,
  });
}
