import type { TaskImpl } from "../expr/task.ts";
import { type Hash, hashText, LigaseError } from "../kernel/index.ts";
import type { TaskRow } from "../store/types.ts";
import type { Mode } from "./mode.ts";

/** The parts of cache keys that stand for the code of tasks; each version that is met is recorded once. */
export class TaskHashes {
  readonly #mode: Mode;
  readonly #record: (row: TaskRow) => void;
  readonly #hashes = new Map<TaskImpl, Hash>();
  readonly #recorded = new Set<Hash>();

  constructor(mode: Mode, record: (row: TaskRow) => void) {
    this.#mode = mode;
    this.#record = record;
  }

  /**
   * @param version - what stands for its code in this call
   * @throws LigaseError `LIGASE_E_UNREGISTERED` for a task whose code is not known
   */
  of(task: TaskImpl, version = task.options.version): Hash {
    const known = version === task.options.version ? this.#hashes.get(task) : undefined;
    if (known !== undefined) return known;
    const { definition } = task;
    const stub = this.#mode.stubCode(task);
    const code =
      stub ?? (version !== undefined ? `version ${version}` : definition ? `closure ${definition.closureHash}` : "");
    if (code === "") {
      throw new LigaseError(
        "LIGASE_E_UNREGISTERED",
        `the task ${task.name} has no identity: its code was not read when the program started`,
        {
          facts: { task: task.name },
          mend: 'start the program with `ligase run`, or with `node --import ligase/register`, or put import "ligase/register" first in it',
        },
      );
    }
    const hash = hashText(`task\n${task.name}\n${code}`);
    if (version === task.options.version) this.#hashes.set(task, hash);
    if (!this.#recorded.has(hash)) {
      this.#recorded.add(hash);
      this.#record({
        hash,
        name: task.name,
        file: definition?.file ?? "",
        line: definition?.line ?? 0,
        code: definition?.code ?? "",
        doc: definition?.doc ?? "",
        closure:
          stub !== undefined
            ? (definition?.stub?.closure ?? {})
            : version !== undefined
              ? { version }
              : (definition?.closure ?? {}),
        createdAt: Date.now(),
      });
    }
    return hash;
  }
}
