/** What the names of handlers of endpoints begin with, in records. No task is called so. */
export const ENDPOINT_PREFIX = "endpoint:";

/** The name of an endpoint's handler in the call graph: never that of a task. */
export function endpointTask(endpoint: string): string {
  return `${ENDPOINT_PREFIX}${endpoint}`;
}
