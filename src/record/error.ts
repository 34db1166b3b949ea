import type { ErrorFacts } from "../kernel/index.ts";
import type { JobRow, RunRow, Store } from "../store/types.ts";

/** The recorded error of a job or run that failed; nothing of others. */
export async function errorOf(
  store: Store,
  { errorValue }: Pick<JobRow | RunRow, "errorValue">,
): Promise<ErrorFacts | undefined> {
  if (errorValue === null) return undefined;
  const text = (await store.findValues([errorValue])).get(errorValue);
  // As the codec writes an error: `{ "$": "error", "v": … }`.
  return text === undefined ? undefined : (JSON.parse(text) as { v?: ErrorFacts }).v;
}
