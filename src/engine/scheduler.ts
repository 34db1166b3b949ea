import type { Gpu, Resources } from "../executors/types.ts";
import { type GpuWish, isOfKind, selectGpus } from "../images/gpu/kinds.ts";
import { formatBytes, LigaseError } from "../kernel/index.ts";

/** What a job needs before it may start. */
export interface Demand {
  readonly executor: string;
  readonly resources: Resources;
  /** What the names of its GPUs must contain: `A100`; empty for any. */
  readonly gpuKind: string;
  /** What it takes of each named limit. */
  readonly limits: Readonly<Record<string, number>>;
  /** Higher starts first. */
  readonly priority: number;
}

/** What a job holds while it runs. */
export interface Grant {
  readonly demand: Demand;
  /** The GPUs it may use, by their place among those of the executor. */
  readonly gpus: readonly number[];
}

interface Waiting {
  /** The run it belongs to. */
  readonly owner: object;
  readonly demand: Demand;
  readonly order: number;
  readonly gpus: readonly number[] | undefined;
  readonly start: (grant: Grant) => void;
}

/** Those that wait with the same needs, in order: only the first of them has to be looked at. */
interface Lane {
  readonly waiting: Waiting[];
  next: number;
  /** How often others of lower rank have started while its first waited. */
  passed: number;
}

/** What an executor has. */
export interface Capacity extends Resources {
  /** Its GPUs, where they are known. */
  readonly gpus?: readonly Gpu[];
}

interface Pool {
  readonly total: Capacity;
  /** All its GPUs, by their place; those of which nothing is known have no name. */
  readonly devices: readonly Gpu[];
  cpu: number;
  memory: number;
  disk: number;
  readonly gpus: Set<number>;
}

/** After this many others have started past it, a job that needs much is waited for. */
const PATIENCE = 32;

/**
 * Packs jobs into what the executors have: processors, memory, scratch, GPUs by index, and the
 * named limits that all executors share. It starts whatever fits, by priority and then by order of
 * arrival; a large job that smaller ones have passed often enough is given way to.
 */
export class Scheduler {
  readonly #pools = new Map<string, Pool>();
  readonly #limits: Readonly<Record<string, number>>;
  readonly #used: Record<string, number> = {};
  readonly #lanes = new Map<string, Lane>();
  #count = 0;
  #queued = 0;
  #busy = 0;

  /** @param limits - the capacity of each named limit; one that is not named here is 1 */
  constructor(pools: ReadonlyMap<string, Capacity>, limits: Readonly<Record<string, number>>) {
    for (const [name, total] of pools) {
      this.#pools.set(name, {
        total,
        cpu: total.cpu,
        memory: total.memory,
        disk: total.disk,
        devices: Array.from({ length: total.gpu }, (_, index) => ({
          name: "",
          memory: 0,
          ...total.gpus?.[index],
          index,
        })),
        gpus: new Set(Array.from({ length: total.gpu }, (_, i) => i)),
      });
    }
    this.#limits = limits;
  }

  /** How many grants are out and in use. */
  get busy(): number {
    return this.#busy;
  }

  /** How many of a run's wait. */
  queuedOf(owner: object): number {
    if (this.#queued === 0) return 0;
    let count = 0;
    for (const { waiting, next } of this.#lanes.values()) {
      for (let i = next; i < waiting.length; i++) if (waiting[i]!.owner === owner) count++;
    }
    return count;
  }

  /**
   * Finds what can never be: a demand above all there is.
   *
   * @throws LigaseError `LIGASE_E_CAPACITY` or `LIGASE_E_EXECUTOR`
   */
  check(demand: Demand): void {
    const pool = this.#pools.get(demand.executor);
    if (!pool) {
      const known = [...this.#pools.keys()].join(", ");
      throw new LigaseError(
        "LIGASE_E_EXECUTOR",
        `names the executor ${demand.executor}, and there is none of that name`,
        {
          mend: `there are ${known}`,
        },
      );
    }
    const { resources } = demand;
    const over = (what: string, asked: string, has: string, there: string): LigaseError =>
      new LigaseError("LIGASE_E_CAPACITY", `asks for ${asked}, and ${there}`, {
        facts: { what, asked, has },
        mend: `ask for less, or give more (--cpus, --memory, or limits in ligase.config.ts)`,
      });
    for (const [what, noun] of [
      ["cpu", "CPU"],
      ["gpu", "GPU"],
    ] as const) {
      const [asked, has] = [resources[what], pool.total[what]];
      if (asked <= has) continue;
      const there = has === 0 ? "there is none" : has === 1 ? "there is only 1" : `there are only ${has}`;
      throw over(noun, `${asked} ${noun}${asked === 1 ? "" : "s"}`, String(has), there);
    }
    if (demand.gpuKind !== "" && resources.gpu > 0) {
      const has = pool.devices.filter(({ name }) => isOfKind(name, demand.gpuKind)).length;
      if (resources.gpu > has) {
        const names = [...new Set(pool.total.gpus?.map(({ name }) => name))].join(", ");
        const there = `there ${has === 1 ? "is" : "are"} ${has} of that kind${names && ` among ${names}`}`;
        throw over("GPU", `${resources.gpu} × GPU ${demand.gpuKind}`, String(has), there);
      }
    }
    for (const what of ["memory", "disk"] as const) {
      const [asked, has] = [resources[what], pool.total[what]];
      if (asked <= has) continue;
      throw over(what, `${formatBytes(asked)} of ${what}`, formatBytes(has), `there are only ${formatBytes(has)}`);
    }
    for (const [name, asked] of Object.entries(demand.limits)) {
      const has = this.#limits[name] ?? 1;
      if (asked > has) throw over(`the limit ${name}`, `${asked} of the limit ${name}`, String(has), `it is ${has}`);
    }
  }

  /** Calls back when the demand has been met. */
  submit(owner: object, demand: Demand, start: (grant: Grant) => void): void {
    this.#enqueue({ owner, demand, order: this.#count++, gpus: undefined, start });
  }

  /** A job stops computing for a while: all but its GPUs are free for others. */
  park(grant: Grant): void {
    this.#busy--;
    this.#give(grant.demand, []);
  }

  /** It goes on: before any other that waits. */
  resume(owner: object, grant: Grant, start: () => void): void {
    const demand = { ...grant.demand, priority: Number.MAX_SAFE_INTEGER };
    this.#enqueue({ owner, demand, order: this.#count++, gpus: grant.gpus, start });
  }

  /** A job has ended. */
  release(grant: Grant, parked = false): void {
    const pool = this.#pools.get(grant.demand.executor)!;
    if (parked) for (const gpu of grant.gpus) pool.gpus.add(gpu);
    else {
      this.#busy--;
      this.#give(grant.demand, grant.gpus);
    }
  }

  /** Forgets everything of a run that waits. */
  clear(owner: object): void {
    for (const [key, lane] of this.#lanes) {
      const kept = lane.waiting.slice(lane.next).filter((each) => each.owner !== owner);
      this.#queued -= lane.waiting.length - lane.next - kept.length;
      if (kept.length === 0) this.#lanes.delete(key);
      else this.#lanes.set(key, { waiting: kept, next: 0, passed: lane.passed });
    }
  }

  /** Starts whatever fits. */
  start(): void {
    while (this.#queued > 0) {
      const ranked = [...this.#lanes].sort(([, a], [, b]) => {
        const x = a.waiting[a.next]!;
        const y = b.waiting[b.next]!;
        return y.demand.priority - x.demand.priority || x.order - y.order;
      });
      const blocked: Lane[] = [];
      let chosen: [string, Lane] | undefined;
      for (const entry of ranked) {
        const [, lane] = entry;
        if (this.#fits(lane.waiting[lane.next]!)) {
          chosen = entry;
          break;
        }
        blocked.push(lane);
        if (lane.passed >= PATIENCE) break;
      }
      if (!chosen) return;
      const [key, lane] = chosen;
      for (const other of blocked) other.passed++;
      const waiting = lane.waiting[lane.next++]!;
      lane.passed = 0;
      this.#queued--;
      if (lane.next === lane.waiting.length) this.#lanes.delete(key);
      else if (lane.next === 4096) {
        lane.waiting.splice(0, lane.next);
        lane.next = 0;
      }
      waiting.start({ demand: waiting.demand, gpus: this.#take(waiting) });
    }
  }

  #enqueue(waiting: Waiting): void {
    const { demand } = waiting;
    const { executor, resources, gpuKind, limits, priority } = demand;
    const key = JSON.stringify([executor, resources, gpuKind, limits, priority, waiting.gpus]);
    const lane = this.#lanes.get(key);
    if (lane) lane.waiting.push(waiting);
    else this.#lanes.set(key, { waiting: [waiting], next: 0, passed: 0 });
    this.#queued++;
  }

  #fits({ demand, gpus }: Waiting): boolean {
    const pool = this.#pools.get(demand.executor)!;
    const { cpu, memory, gpu, disk } = demand.resources;
    if (cpu > pool.cpu || memory > pool.memory || disk > pool.disk) return false;
    if (gpus === undefined && gpu > 0 && !selectGpus(pool.devices, wishOf(demand), pool.gpus)) return false;
    for (const name in demand.limits) {
      if ((this.#used[name] ?? 0) + demand.limits[name]! > (this.#limits[name] ?? 1)) return false;
    }
    return true;
  }

  #take({ demand, gpus }: Waiting): readonly number[] {
    const pool = this.#pools.get(demand.executor)!;
    this.#busy++;
    pool.cpu -= demand.resources.cpu;
    pool.memory -= demand.resources.memory;
    pool.disk -= demand.resources.disk;
    for (const name in demand.limits) this.#used[name] = (this.#used[name] ?? 0) + demand.limits[name]!;
    if (gpus) return gpus;
    const taken = demand.resources.gpu > 0 ? (selectGpus(pool.devices, wishOf(demand), pool.gpus) ?? []) : [];
    for (const gpu of taken) pool.gpus.delete(gpu);
    return taken;
  }

  #give(demand: Demand, gpus: readonly number[]): void {
    const pool = this.#pools.get(demand.executor)!;
    pool.cpu += demand.resources.cpu;
    pool.memory += demand.resources.memory;
    pool.disk += demand.resources.disk;
    for (const name in demand.limits) this.#used[name] = this.#used[name]! - demand.limits[name]!;
    for (const gpu of gpus) pool.gpus.add(gpu);
  }
}

function wishOf({ resources, gpuKind }: Demand): GpuWish {
  return { count: resources.gpu, kind: gpuKind };
}
