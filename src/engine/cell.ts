/** Runs steps one after another from a queue, so that no chain of results ever grows the stack. */
export class StepQueue {
  #steps: (() => void)[] = [];
  #next = 0;

  /** Adds a step. */
  push(step: () => void): void {
    this.#steps.push(step);
  }

  /** How many steps wait. */
  get length(): number {
    return this.#steps.length - this.#next;
  }

  /** Takes the next step, in the order they came. */
  shift(): (() => void) | undefined {
    if (this.#next === this.#steps.length) return undefined;
    const step = this.#steps[this.#next++];
    // Forgetting the taken ones in blocks keeps both ends at constant cost.
    if (this.#next === 4096) {
      this.#steps = this.#steps.slice(this.#next);
      this.#next = 0;
    }
    return step;
  }
}

/**
 * How far an expression has been reduced. `waiting`: nothing is known. `shaped`: its outer
 * structure is known, parts of it may still be lazy (a list whose items are being computed).
 * `done`: it is a value through and through.
 */
export type CellState = "waiting" | "shaped" | "done" | "failed";

/** What a cell tells those who wait for it. */
type Listener = () => void;

/**
 * The place where the value of one expression appears, once. Listeners are told through the
 * queue, never from within the call that settles the cell.
 *
 * @typeParam J - what evaluates: a job
 */
export class Cell<J = unknown> {
  state: CellState = "waiting";
  /** The value as far as it is known. */
  value: unknown = undefined;
  error: unknown = undefined;
  /** The job in which the error arose. */
  failedIn: J | undefined = undefined;
  /** The job that this cell is the result of. */
  job: J | undefined = undefined;
  /** Set when this expression was found to be another one: whoever wants its items early looks there. */
  alias: Cell<J> | undefined = undefined;
  /** The structure it was before its lazy parts were replaced: where its parts came from. */
  origin: unknown = undefined;
  /** The items of a list as they become known, where the operator can tell them early. */
  items: ItemBuffer<J> | undefined = undefined;
  #known: Listener[] | undefined;
  #shaped: Listener[] | undefined;
  #done: Listener[] | undefined;
  #demand: (() => void) | undefined;
  readonly #queue: StepQueue;

  constructor(queue: StepQueue) {
    this.#queue = queue;
  }

  get settled(): boolean {
    return this.state === "done" || this.state === "failed";
  }

  /** Calls back when it is known what this is: an alias, a buffer of items, a shape, or a failure. */
  whenKnown(listener: Listener): void {
    if (this.state !== "waiting" || this.alias !== undefined || this.items !== undefined) this.#queue.push(listener);
    else (this.#known ??= []).push(listener);
  }

  /** Calls back when the shape is there, or it failed. */
  whenShaped(listener: Listener): void {
    if (this.state !== "waiting") this.#queue.push(listener);
    else (this.#shaped ??= []).push(listener);
  }

  /** Calls back when the whole value is there, or it failed. Asking for it is what makes the parts be computed. */
  whenDone(listener: Listener): void {
    if (this.settled) {
      this.#queue.push(listener);
      return;
    }
    (this.#done ??= []).push(listener);
    const demand = this.#demand;
    this.#demand = undefined;
    demand?.();
  }

  /** Says what to do when someone first wants the whole value. */
  onDemand(demand: () => void): void {
    if (this.#done) demand();
    else this.#demand = demand;
  }

  setAlias(cell: Cell<J>): void {
    this.alias = cell;
    this.#tell("known");
  }

  setItems(items: ItemBuffer<J>): void {
    this.items = items;
    this.#tell("known");
  }

  shape(value: unknown): void {
    if (this.state !== "waiting") return;
    this.state = "shaped";
    this.value = value;
    this.origin = value;
    this.#tell("known");
    this.#tell("shaped");
  }

  finish(value: unknown): void {
    if (this.settled) return;
    this.state = "done";
    this.value = value;
    this.#tellAll();
  }

  fail(error: unknown, job: J | undefined): void {
    if (this.settled) return;
    this.state = "failed";
    this.error = error;
    this.failedIn = job;
    this.value = undefined;
    this.#tellAll();
  }

  #tellAll(): void {
    this.#demand = undefined;
    this.#tell("known");
    this.#tell("shaped");
    this.#tell("done");
  }

  #tell(stage: "known" | "shaped" | "done"): void {
    let listeners: Listener[] | undefined;
    if (stage === "known") [listeners, this.#known] = [this.#known, undefined];
    else if (stage === "shaped") [listeners, this.#shaped] = [this.#shaped, undefined];
    else [listeners, this.#done] = [this.#done, undefined];
    if (listeners) for (const listener of listeners) this.#queue.push(listener);
  }
}

/** Who receives the items of a list one by one. Ids name items; the order is told at the end. */
export interface ItemSink<J = unknown> {
  item(id: number, value: unknown): void;
  end(order: readonly number[]): void;
  fail(error: unknown, job: J | undefined): void;
}

/** The items of a list as they become known, kept for those who come later. */
export class ItemBuffer<J = unknown> implements ItemSink<J> {
  readonly #items: { id: number; value: unknown }[] = [];
  readonly #sinks: ItemSink<J>[] = [];
  #order: readonly number[] | undefined;
  #failure: { error: unknown; job: J | undefined } | undefined;

  item(id: number, value: unknown): void {
    this.#items.push({ id, value });
    for (const sink of this.#sinks) sink.item(id, value);
  }

  end(order: readonly number[]): void {
    this.#order = order;
    for (const sink of this.#sinks) sink.end(order);
  }

  fail(error: unknown, job: J | undefined): void {
    if (this.#failure || this.#order) return;
    this.#failure = { error, job };
    for (const sink of this.#sinks) sink.fail(error, job);
  }

  /** Sends everything so far, and what comes. */
  pipe(sink: ItemSink<J>): void {
    for (const { id, value } of this.#items) sink.item(id, value);
    if (this.#order) sink.end(this.#order);
    else if (this.#failure) sink.fail(this.#failure.error, this.#failure.job);
    else this.#sinks.push(sink);
  }
}
