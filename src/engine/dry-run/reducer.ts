import type { Cell } from "../cell.ts";
import type { Job } from "../job.ts";
import { Reducer } from "../reducer.ts";
import { lazyParts, replaceLazy } from "../structure.ts";
import type { Node } from "../../expr/node.ts";
import { Unknown } from "../unknown.ts";

/** A reducer that hears all parts of a value out: what fails counts for more than what is not known. */
export class DryReducer extends Reducer {
  override resolve(
    value: unknown,
    owner: Job | undefined,
    done: (value: unknown) => void,
    fail: Cell<Job>["fail"],
  ): void {
    const nodes: Node[] = [];
    if (lazyParts(value, nodes) === 0) {
      done(value);
      return;
    }
    const cells = nodes.map((node) => this.cell(node, owner));
    let left = cells.length;
    for (const cell of cells) {
      cell.whenDone(() => {
        if (--left > 0) return;
        const failures = cells.filter((each) => each.state === "failed");
        const [first] = failures.toSorted((a, b) => Number(isUnknown(a)) - Number(isUnknown(b)));
        if (first) fail(first.error, first.failedIn);
        else done(replaceLazy(value, (part) => this.cell(part, owner).value));
      });
    }
  }
}

const isUnknown = ({ error }: Cell<Job>): boolean => error instanceof Unknown;
