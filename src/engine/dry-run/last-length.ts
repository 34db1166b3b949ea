import { nodeOf } from "../../expr/lazy.ts";
import type { Node } from "../../expr/node.ts";
import type { Cell } from "../cell.ts";
import type { Job } from "../job.ts";
import type { Reducer } from "../reducer.ts";
import type { EarlierBodies } from "./earlier.ts";

/** How long lists were that are not known now, when they were last computed of the same arguments. */
export class LastLengths {
  readonly #reducer: Reducer;
  readonly #earlier: EarlierBodies;

  constructor(reducer: Reducer, earlier: EarlierBodies) {
    this.#reducer = reducer;
    this.#earlier = earlier;
  }

  /** Nothing where nobody knows. */
  async of(list: unknown): Promise<number | undefined> {
    const value = await this.#value(list);
    return Array.isArray(value) ? value.length : undefined;
  }

  async #value(value: unknown): Promise<unknown> {
    const node = nodeOf(value);
    return node ? this.#valueOf(node) : value;
  }

  async #valueOf(node: Node): Promise<unknown> {
    if (node.kind === "get") {
      const whole: unknown = await this.#valueOf(node.of);
      return typeof whole === "object" && whole !== null ? (Reflect.get(whole, node.key) as unknown) : undefined;
    }
    if (node.kind === "call") {
      const job = jobOf(this.#reducer.find(node));
      return job && this.#earlier.result(job);
    }
    // A map has as many items as the list it goes over; other operators may change that.
    return node.kind === "op" && (node.op === "map" || node.op === "value") ? this.#value(node.args[0]) : undefined;
  }
}

function jobOf(cell: Cell<Job> | undefined): Job | undefined {
  for (let at = cell; at; at = at.alias) if (at.job) return at.job;
  return undefined;
}
