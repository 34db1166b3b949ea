/**
 * How jobs of endpoints stand in the call graph: each is a run, whose root is a call of the handler. The handler has a name
 * of its own there, so that it is never taken for a task of the same name.
 *
 * @module
 */
import { endpointTask } from "../../store/endpoint-task.ts";

export { endpointTask };

/** What the run of a job is found by. */
export function runTags(endpoint: string, job: string): Readonly<Record<string, string>> {
  return { endpoint, job };
}
