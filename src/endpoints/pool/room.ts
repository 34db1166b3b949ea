import type { Log } from "../../kernel/index.ts";
import type { EndpointPool } from "./endpoint-pool.ts";
import type { Ledger } from "./ledger.ts";
import type { Worker } from "./worker.ts";

/** After waiting so long, an endpoint is made room for by busy workers too, and nobody is let past it. Milliseconds. */
const PATIENCE_MS = 5000;

/** A worker with its pool. */
interface Held {
  readonly worker: Worker;
  readonly pool: EndpointPool;
}

/** What the room of a machine is given out by. */
export interface RoomOptions {
  readonly ledger: Ledger;
  /** The most GPUs that workers may have; undefined for all that are found. */
  readonly gpus: number | undefined;
  readonly pools: () => Iterable<EndpointPool>;
  /** A pool is to be looked at. */
  readonly look: (pool: EndpointPool) => void;
  readonly log: Log;
}

/**
 * Gives the room of this machine to the pools that want workers: to each in turn, who has waited longest first. Where there
 * is none, idle workers of others make some, down to their minimum.
 */
export class Room {
  readonly #options: RoomOptions;
  #gpus: "unknown" | "asked" | "known" = "unknown";

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** Something may have become free: those that wait are to be looked at. */
  freed(): void {
    for (const pool of this.#options.pools()) if (pool.waitingSince !== null) this.#options.look(pool);
  }

  /** Has workers started that are wanted and fit. */
  giveOut(now: number): void {
    const wanting = [...this.#options.pools()].filter(({ startable }) => startable > 0);
    wanting.sort((a, b) => (a.waitingSince ?? now) - (b.waitingSince ?? now) || a.startedAt - b.startedAt);
    const blocked = new Set<EndpointPool>();
    let isReserved = false;
    for (let goesOn = wanting.length > 0; goesOn;) {
      goesOn = false;
      for (const pool of wanting) {
        if (pool.startable <= 0 || blocked.has(pool)) continue;
        const { resources } = pool.live;
        const needsRoom = resources.cpu > 0 || resources.memory > 0 || resources.gpu > 0;
        if (resources.gpu > 0 && this.#gpus !== "known") {
          this.#findGpus();
          blocked.add(pool);
          continue;
        }
        const grant = needsRoom && isReserved ? undefined : this.#options.ledger.take(resources);
        if (grant) {
          pool.start(grant);
          goesOn = true;
          continue;
        }
        blocked.add(pool);
        isReserved = this.#block(pool, now) || isReserved;
      }
    }
  }

  /** There is no room for a pool's next worker. Tells whether it has waited so long that nobody is let past it. */
  #block(pool: EndpointPool, now: number): boolean {
    const { ledger } = this.#options;
    const { resources } = pool.live;
    const never = ledger.never(resources);
    if (never !== null) {
      pool.impossible(`no capacity: ${never}`, now);
      return false;
    }
    pool.blocked(`no capacity: ${ledger.lacks(resources)}`, now);
    const patientUntil = (pool.waitingSince ?? now) + PATIENCE_MS;
    const isLong = now >= patientUntil;
    if (!this.#make(pool, isLong)) pool.waits();
    if (!isLong) pool.lookBy(patientUntil);
    return isLong;
  }

  /** Ends workers in favour of a pool. Tells whether that, or what ends already, makes enough room. */
  #make(pool: EndpointPool, isLong: boolean): boolean {
    const { ledger, pools } = this.#options;
    const demand = pool.live.resources;
    const all = [...pools()].flatMap((each) =>
      [...each.workers.values()].map((worker): Held => ({ worker, pool: each })),
    );
    const leaving = all.filter(({ worker }) => !worker.isOpen).map(({ worker }) => worker.grant);
    if (ledger.fits(demand, leaving)) return true;
    const spare = new Map([...pools()].map((each) => [each, spareOf(each)]));
    const chosen: Held[] = [];
    const choose = (candidates: readonly Held[]): boolean => {
      for (const candidate of candidates) {
        const left = spare.get(candidate.pool) ?? 0;
        if ((candidate.pool !== pool && left <= 0) || !ledger.helps(candidate.worker.grant, demand)) continue;
        spare.set(candidate.pool, left - 1);
        chosen.push(candidate);
        if (!ledger.fits(demand, [...leaving, ...chosen.map(({ worker }) => worker.grant)])) continue;
        for (const each of chosen) each.pool.retire(each.worker, `made room for ${pool.live.name}`);
        return true;
      }
      return false;
    };
    const ready = all
      .filter(({ worker, pool: its }) => worker.state === "ready" && (its !== pool || pool.isOld(worker)))
      .sort((a, b) => a.worker.idleSince - b.worker.idleSince);
    if (choose(ready.filter(({ worker }) => worker.running === 0))) return true;
    // Its own earlier version gives way; others do once it has waited and has none itself: they finish what they have.
    if ([...pool.workers.values()].some((worker) => worker.isOpen && !pool.isOld(worker))) return false;
    const busy = ready.filter(({ worker }) => worker.running > 0);
    return (
      choose(busy.filter((each) => each.pool === pool)) || (isLong && choose(busy.filter((each) => each.pool !== pool)))
    );
  }

  /** Finds out which GPUs there are, for the first that asks for any: that starts a process. */
  #findGpus(): void {
    if (this.#gpus !== "unknown") return;
    this.#gpus = "asked";
    const { ledger, gpus, pools, look, log } = this.#options;
    void import("../../images/gpu/index.ts")
      .then(({ findGpus }) => findGpus())
      .catch((error: unknown) => {
        log.warn(`GPUs could not be found out: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      })
      .then((found) => {
        ledger.setGpus(found.slice(0, gpus));
        this.#gpus = "known";
        for (const pool of pools()) look(pool);
      });
  }
}

/** How many workers an endpoint could do without. */
function spareOf({ workers, live }: EndpointPool): number {
  return [...workers.values()].filter(({ isOpen }) => isOpen).length - Math.min(live.minWorkers, live.maxWorkers);
}
