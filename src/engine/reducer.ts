import { nodeOf } from "../expr/lazy.ts";
import type { CallNode, GetNode, Node } from "../expr/node.ts";
import { LigaseError } from "../kernel/index.ts";
import { Cell, type ItemSink, StepQueue } from "./cell.ts";
import type { Job } from "./job.ts";
import { operators } from "./operators/index.ts";
import type { OperatorRules, Recoveries } from "./operators/operator.ts";
import { lazyParts, replaceLazy } from "./structure.ts";

/** Evaluates a call for a cell; what the engine adds to reduction. */
export type CallHandler = (node: CallNode, cell: Cell<Job>, owner: Job | undefined) => void;

/**
 * Reduces expressions: finds for every node the cell in which its value appears, and lets values
 * flow from cell to cell. It knows nothing of caches and executors: a call is handed to the
 * handler, everything else is done here and in `operators/`.
 */
export class Reducer {
  readonly queue = new StepQueue();
  readonly #cells = new Map<Node, Cell<Job>>();
  readonly recoveries: Recoveries;
  readonly #call: CallHandler;
  readonly #rules: OperatorRules;

  constructor(call: CallHandler, recoveries: Recoveries, rules = operators) {
    this.#call = call;
    this.recoveries = recoveries;
    this.#rules = rules;
  }

  /** Runs a step from the queue. */
  later(step: () => void): void {
    this.queue.push(step);
  }

  /**
   * The cell of a node; evaluation starts when it is first asked for.
   *
   * @param owner - the job in whose result the node stands: the parent of the calls in it
   */
  cell(node: Node, owner: Job | undefined): Cell<Job> {
    let cell = this.#cells.get(node);
    if (!cell) {
      const made = new Cell<Job>(this.queue);
      cell = made;
      this.#cells.set(node, made);
      this.queue.push(() => {
        try {
          this.#start(node, made, owner);
        } catch (error) {
          made.fail(error, owner);
        }
      });
    }
    return cell;
  }

  /** The cell of a node, if evaluation has come to it. */
  find(node: Node): Cell<Job> | undefined {
    return this.#cells.get(node);
  }

  #start(node: Node, cell: Cell<Job>, owner: Job | undefined): void {
    switch (node.kind) {
      case "call":
        this.#call(node, cell, owner);
        break;
      case "get":
        this.#get(node, cell, owner);
        break;
      case "op":
        this.#rules[node.op](node, cell, owner, this);
        break;
      case "param":
        throw new LigaseError(
          "LIGASE_E_PLACEHOLDER",
          `the placeholder ${node.name} of a callback was used outside of it`,
          {
            mend: "use what a combinator gives its callback only in what the callback returns",
          },
        );
    }
  }

  /** Waits for all lazy parts of a value, at any depth, and gives it without them. */
  resolve(value: unknown, owner: Job | undefined, done: (value: unknown) => void, fail: Cell<Job>["fail"]): void {
    const nodes: Node[] = [];
    if (lazyParts(value, nodes) === 0) {
      done(value);
      return;
    }
    let left = nodes.length;
    let failed = false;
    // All parts start at once, so that the failure of one does not keep its siblings from finishing.
    for (const node of nodes) {
      const cell = this.cell(node, owner);
      cell.whenDone(() => {
        if (failed) return;
        if (cell.state === "failed") {
          failed = true;
          fail(cell.error, cell.failedIn);
        } else if (--left === 0) done(replaceLazy(value, (part) => this.cell(part, owner).value));
      });
    }
  }

  /** Begins to evaluate the lazy parts of a value, without waiting for them. */
  start(value: unknown, owner: Job | undefined): void {
    const nodes: Node[] = [];
    lazyParts(value, nodes);
    for (const node of nodes) this.cell(node, owner).whenDone(() => {});
  }

  /** Waits until the outer structure of a value is known. */
  shape(value: unknown, owner: Job | undefined, shaped: (value: unknown) => void, fail: Cell<Job>["fail"]): void {
    const node = nodeOf(value);
    if (!node) {
      shaped(value);
      return;
    }
    const cell = this.cell(node, owner);
    cell.whenShaped(() => {
      if (cell.state === "failed") fail(cell.error, cell.failedIn);
      else shaped(cell.value);
    });
  }

  /** Makes a cell the place of a value that may be lazy, or hold lazy parts. */
  settle(cell: Cell<Job>, value: unknown, owner: Job | undefined): void {
    const node = nodeOf(value);
    if (node) {
      this.follow(cell, this.cell(node, owner));
      return;
    }
    const nodes: Node[] = [];
    if (lazyParts(value, nodes) === 0) {
      cell.finish(value);
      return;
    }
    cell.shape(value);
    cell.onDemand(() =>
      this.resolve(
        value,
        owner,
        (whole) => cell.finish(whole),
        (error, job) => cell.fail(error, job),
      ),
    );
  }

  /** Makes a cell have whatever another one has, in each stage. */
  follow(cell: Cell<Job>, target: Cell<Job>): void {
    cell.setAlias(target);
    target.whenShaped(() => {
      if (target.state === "failed") cell.fail(target.error, target.failedIn);
      else cell.shape(target.value);
    });
    cell.onDemand(() =>
      target.whenDone(() => {
        if (target.state === "failed") cell.fail(target.error, target.failedIn);
        else cell.finish(target.value);
      }),
    );
  }

  /**
   * Sends the items of a list as soon as each is known, following calls into what they returned:
   * so a map of a map never waits for its slowest sibling.
   *
   * @param what - whose list it is, for the message when it is none
   */
  items(value: unknown, owner: Job | undefined, what: string, sink: ItemSink<Job>): void {
    const node = nodeOf(value);
    if (!node) {
      if (Array.isArray(value)) {
        value.forEach((item, i) => sink.item(i, item));
        sink.end(value.map((_, i) => i));
      } else {
        const got = value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
        sink.fail(new LigaseError("LIGASE_E_NOT_A_LIST", `${what} takes a list, and got ${got}`), owner);
      }
      return;
    }
    this.#itemsOf(this.cell(node, owner), owner, what, sink);
  }

  #itemsOf(cell: Cell<Job>, owner: Job | undefined, what: string, sink: ItemSink<Job>): void {
    cell.whenKnown(() => {
      if (cell.state === "failed") sink.fail(cell.error, cell.failedIn);
      else if (cell.items) cell.items.pipe(sink);
      else if (cell.state !== "waiting") this.items(cell.value, owner, what, sink);
      else this.#itemsOf(cell.alias!, owner, what, sink);
    });
  }

  #get(node: GetNode, cell: Cell<Job>, owner: Job | undefined): void {
    const of = this.cell(node.of, owner);
    of.whenShaped(() => {
      if (of.state === "failed") {
        cell.fail(of.error, of.failedIn);
        return;
      }
      const whole = of.value;
      if (whole === null || whole === undefined) {
        cell.fail(
          new LigaseError("LIGASE_E_NO_FIELD", `cannot read ${JSON.stringify(node.key)} of ${whole}`, {
            facts: { key: node.key },
            mend: "check what the task returned, or ask with cond() first",
          }),
          of.job ?? owner,
        );
        return;
      }
      this.settle(cell, (whole as Record<string | number, unknown>)[node.key], owner);
    });
  }
}
