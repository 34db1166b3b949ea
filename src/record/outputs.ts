import { holdsOutputs, mediaTypeOf } from "../files/index.ts";
import { ownerOf } from "../project/owner.ts";
import type { CallRow } from "../store/types.ts";
import { callOfOutput } from "./maker.ts";
import type { ProjectRecord } from "./open.ts";
import { storedFiles } from "./stored-files.ts";
import { locate, type Places } from "./stored-value.ts";

/** A file that a task handed to people. */
export interface RecordedOutput {
  /** Where it stands in the result: `plots[0]`; empty where it is all of it. */
  readonly at: string;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** SHA-256. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly mediaType: string;
  /** The same where it was said, and does not come of the name. */
  readonly saidType: string | undefined;
}

/** One of a run, with who made it. */
export interface RunOutput extends RecordedOutput {
  /** The task as people know it. */
  readonly task: string;
  /** The job that made it, perhaps in an earlier run. */
  readonly job: string;
}

/** So many values are read at once. */
const AT_ONCE = 1000;

/**
 * The outputs in a stored value.
 *
 * @param text - as the codec writes it
 */
export function outputsIn(text: string, places: Places): readonly RecordedOutput[] {
  if (!holdsOutputs(text)) return [];
  return storedFiles(text).flatMap(({ at, name, path, hash, size, isOutput, mediaType }) =>
    isOutput && hash !== undefined && size !== undefined
      ? {
          at,
          name,
          path: locate(path, places),
          hash,
          size,
          mediaType: mediaType ?? mediaTypeOf(name),
          saidType: mediaType,
        }
      : [],
  );
}

/** The outputs that the tasks of a run handed out, each once, by name. */
export async function runOutputs(record: ProjectRecord, run: string): Promise<readonly RunOutput[]> {
  const { store } = record;
  const calls = await store.listRunCalls(run);
  const byKey = new Map(calls.map((call) => [call.key, call]));
  const found = new Map<string, { readonly output: RecordedOutput; readonly call: CallRow }>();
  for (let start = 0; start < calls.length; start += AT_ONCE) {
    const some = calls.slice(start, start + AT_ONCE);
    const texts = await store.findValues(some.flatMap(({ resultValue }) => resultValue ?? []));
    for (const call of some) {
      const text = call.resultValue === null ? undefined : texts.get(call.resultValue);
      for (const output of text === undefined ? [] : outputsIn(text, record)) {
        // Whoever hands a result on has it in its own too: it is told of who made it.
        const maker = byKey.get(callOfOutput(output.path) ?? "") ?? call;
        if (!found.has(output.path)) found.set(output.path, { output, call: maker });
      }
    }
  }
  // `plot2.svg` before `plot10.svg`; two of one name as they were made.
  const names = new Intl.Collator("en", { numeric: true });
  const inOrder = [...found.values()].sort(
    (a, b) => names.compare(a.output.name, b.output.name) || a.call.createdAt - b.call.createdAt,
  );
  return Promise.all(
    inOrder.map(async ({ output, call: { job, task } }) => {
      const row = await store.getJob(job);
      return { ...output, task: row ? (await ownerOf(store, row)).task : task, job };
    }),
  );
}
