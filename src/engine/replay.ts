import { decodeExpression } from "../expr/decode.ts";
import type { Evaluation } from "./context.ts";
import type { Job } from "./job.ts";
import type { StoredTrace } from "./trace.ts";

/**
 * Goes through the life of an async body without running it: evaluates what it awaited, each no
 * earlier than the body itself would have asked for it, so that nothing runs which the body would
 * not call again. Calls back with the recorded result if every value is what it was, and with
 * nothing at the first that is not, or that failed: then with the error too.
 */
export function replay(
  run: Evaluation,
  job: Job,
  trace: StoredTrace,
  ended: (result: { value: unknown } | undefined, because?: unknown) => void,
): void {
  const { codec, reducer } = run;
  const arrived = new Set<number>();
  let issued = 0;
  let delivered = 0;
  let over = false;
  const end = (result: { value: unknown } | undefined, because?: unknown): void => {
    if (over) return;
    over = true;
    ended(result, because);
  };
  const decode = (text: string): unknown => decodeExpression(text, codec, (name) => run.taskNamed(name));

  const issueDue = (): void => {
    for (; !over && issued < trace.entries.length && trace.entries[issued]!.after <= delivered; issued++) {
      const index = issued;
      const entry = trace.entries[index]!;
      if (entry.value === null) {
        // A failure is never replayed: the body has to see what happens now.
        end(undefined);
        return;
      }
      reducer.resolve(
        decode(entry.expr),
        job,
        (value) => {
          if (codec.encode(value).identity !== entry.value) {
            end(undefined);
            return;
          }
          arrived.add(index);
          while (delivered < trace.order.length && arrived.has(trace.order[delivered]!)) delivered++;
          if (delivered === trace.order.length) end({ value: decode(trace.result) });
          else reducer.later(issueDue);
        },
        (error) => end(undefined, error),
      );
    }
  };
  try {
    issueDue();
  } catch {
    // It awaited a call of a task that is gone.
    end(undefined);
  }
}
