import { type Hash, hashText } from "../kernel/index.ts";

/** The tasks of a subtree of the call graph with the hashes they had. */
export interface TaskSet {
  readonly id: number;
  readonly tasks: ReadonlyMap<string, Hash>;
  /** Identity by content. */
  readonly hash: Hash;
}

/**
 * Keeps equal sets once, so that the union of a parent with its thousandth child of the same
 * tasks is one look-up: a tree of 100,000 jobs holds a handful of sets.
 */
export class TaskSets {
  readonly #byHash = new Map<Hash, TaskSet>();
  readonly #single = new Map<string, TaskSet>();
  readonly #unions = new Map<number, TaskSet>();

  /** The set of one task. */
  of(task: string, hash: Hash): TaskSet {
    const key = `${hash} ${task}`;
    let set = this.#single.get(key);
    if (!set) {
      set = this.from([[task, hash]]);
      this.#single.set(key, set);
    }
    return set;
  }

  /** The set of these tasks. */
  from(tasks: Iterable<readonly [string, Hash]>): TaskSet {
    const sorted = new Map([...tasks].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    const hash = hashText(JSON.stringify([...sorted]));
    let set = this.#byHash.get(hash);
    if (!set) {
      set = { id: this.#byHash.size, tasks: sorted, hash };
      this.#byHash.set(hash, set);
    }
    return set;
  }

  /** The tasks of both. */
  union(a: TaskSet, b: TaskSet): TaskSet {
    if (a === b) return a;
    const key = a.id < b.id ? a.id * 2 ** 26 + b.id : b.id * 2 ** 26 + a.id;
    let set = this.#unions.get(key);
    if (!set) {
      set = this.from([...a.tasks, ...b.tasks]);
      this.#unions.set(key, set);
    }
    return set;
  }
}
