import { hostname } from "node:os";
import { errorFacts, VERSION } from "../../kernel/index.ts";

/**
 * An error as a job has it: a text of JSON, in RunPod's form, with the user's own lines in its traceback.
 *
 * @param worker - the id of this worker
 */
export async function failureText(thrown: unknown, worker: string): Promise<string> {
  const facts = errorFacts(thrown);
  return JSON.stringify({
    error_type: facts.name,
    error_message: facts.message,
    error_traceback: await tracebackOf(facts.stack ?? `${facts.name}: ${facts.message}`, facts.cause?.stack),
    ...(facts.code !== undefined && { error_code: facts.code }),
    ...(facts.mend !== undefined && { error_mend: facts.mend }),
    ...(facts.facts !== undefined && { error_facts: facts.facts }),
    hostname: hostname(),
    worker_id: worker,
    ligase_version: VERSION,
  });
}

async function tracebackOf(stack: string, cause: string | undefined): Promise<string> {
  // Only when something fails: 2 ms.
  const { mapStack } = await import("../../code/stack.ts");
  return mapStack(stack) + (cause === undefined ? "" : `\nCaused by: ${mapStack(cause)}`);
}
