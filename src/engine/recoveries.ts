import { encodeExpression } from "../expr/encode.ts";
import type { CallNode } from "../expr/node.ts";
import { hashText, LigaseError, type Hash } from "../kernel/index.ts";
import type { Evaluation } from "./context.ts";
import { unchanged } from "./lookup.ts";
import type { Recoveries } from "./operators/operator.ts";
import type { TaskSet } from "./task-sets.ts";

/** Failures that say more of the machine, or of who called, than of the code: they are not believed a second time. */
const PASSING = new Set([
  "LIGASE_E_CANCELLED",
  "LIGASE_E_TIMEOUT",
  "LIGASE_E_OUT_OF_MEMORY",
  "LIGASE_E_DISK_FULL",
  "LIGASE_E_LOST",
  "LIGASE_E_WORKER",
  "LIGASE_E_CYCLE",
  "LIGASE_E_STALLED",
  "LIGASE_E_CAPACITY",
  "LIGASE_E_EXECUTOR",
  "LIGASE_E_IMAGE",
]);

/**
 * Replays failures that were recovered from. A cached recovery must never hide a repaired task:
 * a failure is believed only while every task that had a part in it has the code it had.
 */
export class RecoveryBook implements Recoveries {
  readonly #run: Evaluation;

  constructor(run: Evaluation) {
    this.#run = run;
  }

  find(value: unknown, found: (error: Error | undefined) => void): void {
    const run = this.#run;
    if (run.settings.noCache) {
      found(undefined);
      return;
    }
    this.#key(value, (key) => {
      if (!key) {
        found(undefined);
        return;
      }
      run.track(
        run.store.findRecovery(key),
        (row) => {
          const holds =
            row && unchanged(run, row.tasks) && !Object.keys(row.tasks).some((name) => run.settings.force.has(name));
          found(holds ? (run.codec.decode(row.errorText) as Error) : undefined);
        },
        () => found(undefined),
      );
    });
  }

  remember(value: unknown, error: Error): void {
    const run = this.#run;
    if (error instanceof LigaseError && PASSING.has(error.code)) return;
    this.#key(value, (key, calls) => {
      if (!key) return;
      let tasks: TaskSet | undefined;
      for (const node of calls) {
        for (let cell = run.reducer.find(node); cell; cell = cell.alias) {
          if (!cell.job) continue;
          if (!cell.job.cacheable) return;
          tasks = tasks ? run.sets.union(tasks, cell.job.tasks) : cell.job.tasks;
          break;
        }
      }
      if (!tasks) return;
      const encoded = run.codec.encode(error);
      run.recorder.recovery({
        key,
        errorValue: run.recorder.value(encoded.identity, encoded.text),
        taskSet: run.recorder.taskSet(tasks),
        createdAt: Date.now(),
      });
    });
  }

  /** The identity of an attempted expression, once its files are known. */
  #key(value: unknown, known: (key: Hash | undefined, calls: readonly CallNode[]) => void): void {
    const run = this.#run;
    const encoded = encodeExpression(value, run.codec);
    const key = ({ identity }: { identity: string }): Hash => hashText(`attempt\n${identity}${run.mode.salt}`);
    if (encoded.unresolved.length === 0) {
      known(key(encoded), encoded.calls);
      return;
    }
    run.track(
      run.files.fingerprint(encoded.unresolved),
      () => {
        const whole = encodeExpression(value, run.codec);
        known(key(whole), whole.calls);
      },
      // The file is not there: the attempt itself will say so.
      () => known(undefined, []),
    );
  }
}
