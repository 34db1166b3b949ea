import type { Services } from "../../endpoints/index.ts";
import { type Labels, type Sample, Timings } from "./exposition.ts";

/** Counts by labels. */
export class Counter {
  readonly #counts = new Map<string, { readonly labels: Labels; value: number }>();

  add(labels: Labels): void {
    const key = Object.values(labels).join("\0");
    const found = this.#counts.get(key);
    if (found) found.value++;
    else this.#counts.set(key, { labels, value: 1 });
  }

  samples(): Iterable<Sample> {
    return this.#counts.values();
  }
}

/** Timings by one label. */
export class TimingsBy {
  readonly #label: string;
  readonly #timings = new Map<string, Timings>();

  constructor(label: string) {
    this.#label = label;
  }

  add(of: string, ms: number): void {
    let timings = this.#timings.get(of);
    if (!timings) this.#timings.set(of, (timings = new Timings()));
    timings.add(ms);
  }

  *all(): Generator<readonly [Labels, Timings]> {
    for (const [of, timings] of this.#timings) yield [{ [this.#label]: of }, timings];
  }
}

/** What has happened since the server began: it only grows, as Prometheus wants it. */
export class Counts {
  readonly submitted = new Counter();
  readonly ended = new Counter();
  readonly returned = new Counter();
  readonly workersEnded = new Counter();
  readonly requests = new Counter();
  readonly wait = new TimingsBy("endpoint");
  readonly run = new TimingsBy("endpoint");
  readonly coldStart = new TimingsBy("endpoint");
  readonly answer = new TimingsBy("route");

  /** Hears of jobs and workers from now on. */
  listen({ queue, pools }: Pick<Services, "queue" | "pools">): void {
    queue.listen({
      added: ({ endpoint }) => this.submitted.add({ endpoint }),
      taken: ({ endpoint, takenAt, queuedAt }) => {
        if (takenAt !== null) this.wait.add(endpoint, takenAt - queuedAt);
      },
      ended: ({ endpoint, state, takenAt, endedAt }) => {
        this.ended.add({ endpoint, state: state.toLowerCase() });
        if (takenAt !== null && endedAt !== null && state !== "CANCELLED") this.run.add(endpoint, endedAt - takenAt);
      },
      returned: ({ endpoint }) => this.returned.add({ endpoint }),
    });
    // A worker is told of again when it stops.
    const ready = new Set<string>();
    pools.onChange(({ id, endpoint, state, startedAt, readyAt }) => {
      if (state === "ended" || state === "failed") {
        ready.delete(id);
        this.workersEnded.add({ endpoint, state });
      } else if (state === "ready" && readyAt !== null && !ready.has(id)) {
        ready.add(id);
        this.coldStart.add(endpoint, readyAt - startedAt);
      }
    });
  }
}
