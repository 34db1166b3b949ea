import { describe } from "../expr/describe.ts";
import { nodeOf } from "../expr/lazy.ts";
import type { Job } from "./job.ts";

/** What was left out of maps that stand at one place. */
export interface LeftOut {
  /** The task whose body made the maps; nothing for what a program evaluates itself. */
  readonly task: string | undefined;
  /** Where that task is defined: `workflow.ts:12`. */
  readonly place: string;
  /** What they go over: `readSheet(…)`; empty for a list that is written there. */
  readonly list: string;
  /** How many maps they are. */
  readonly maps: number;
  /** How many items were taken, of all of them together. */
  readonly taken: number;
  readonly of: number;
}

/** How many items of a map are taken in a run of a sample, and what that left out. */
export class Sampling {
  /** So many items are taken of each map, the first ones. */
  readonly count: number;
  readonly #leftOut = new Map<string, LeftOut>();

  constructor(count: number) {
    this.count = count;
  }

  /** What was left out, in the order in which it was met. */
  get leftOut(): readonly LeftOut[] {
    return [...this.#leftOut.values()];
  }

  /**
   * A map took fewer items than there are.
   *
   * @param list - what it goes over
   */
  cut(list: unknown, owner: Job | undefined, of: number): void {
    const node = nodeOf(list);
    const definition = owner?.task.definition;
    const facts = {
      task: owner?.task.name,
      place: definition ? `${definition.file}:${definition.line}` : "",
      list: node ? describe(node) : "",
    };
    const key = JSON.stringify(facts);
    const { maps, taken, of: all } = this.#leftOut.get(key) ?? { maps: 0, taken: 0, of: 0 };
    this.#leftOut.set(key, { ...facts, maps: maps + 1, taken: taken + this.count, of: all + of });
  }
}
