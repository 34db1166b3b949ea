import type { QueueJobRow } from "../../store/serving.ts";
import type { Bell } from "./bell.ts";
import { type Deadline, deadline } from "./deadlines.ts";
import type { Slotted } from "./heap.ts";
import type { QueueJob } from "./types.ts";

/** A job that has not ended. */
export class OpenJob implements Slotted {
  /** Its place among those that wait. */
  slot = -1;
  /** The order in which jobs came. */
  readonly order: number;
  /** As it is now; its `input` is null when it is not at hand. */
  readonly row: QueueJobRow;
  /** By the steady clock: when it came into the queue, was taken, and its worker was heard of last. */
  readonly queued: number;
  taken = 0;
  heard = 0;
  readonly expires: number;
  /** What may happen to it next, by itself. */
  readonly deadline: Deadline;
  /** Its end is being recorded. */
  ending: Promise<void> | undefined;
  /** How it ended. */
  final: QueueJob | undefined;
  /** What became of its worker, of which it could not be recorded that it took the job with it. */
  gone: string | undefined;
  /** The chunk that comes next; `row.chunks` counts those that are recorded. */
  nextChunk = 0;
  /** Its worker has answered with an expression, which a driver reduces: it is no worker's any more. */
  reducing = false;
  readonly #bells: () => Bell;
  #ended: Bell | undefined;
  #chunked: Bell | undefined;

  constructor(
    row: QueueJobRow,
    order: number,
    clock: { readonly steady: number; readonly wall: number },
    on: { readonly due: (job: OpenJob) => void; readonly bell: () => Bell },
  ) {
    this.row = row;
    this.order = order;
    // Of one that came before the server started: as long ago as the clock says, but not in the future.
    this.queued = clock.steady - Math.max(0, clock.wall - row.queuedAt);
    this.expires = this.queued + (row.expiresAt - row.queuedAt);
    this.deadline = deadline(() => on.due(this));
    this.#bells = on.bell;
  }

  /** When a moment of the steady clock was, for people: never before it came, whatever happened to the clock. */
  wall(steady: number): number {
    return this.row.queuedAt + Math.max(0, Math.round(steady - this.queued));
  }

  /** As it is now. */
  view(): QueueJob {
    return { ...this.row };
  }

  /** Rings when it has ended. */
  get ended(): Bell {
    return (this.#ended ??= this.#bells());
  }

  /** Rings when it has streamed something, and when it has ended. */
  get chunked(): Bell {
    return (this.#chunked ??= this.#bells());
  }

  /** Tells those who wait for a chunk. */
  announceChunk(): void {
    this.#chunked?.ring();
  }

  /** Tells those who wait. */
  announceEnd(final: QueueJob): void {
    this.final = final;
    this.#ended?.ring();
    this.#chunked?.ring();
  }

  /** Makes those who wait look again. */
  wake(): void {
    this.#ended?.ring();
    this.#chunked?.ring();
  }
}
