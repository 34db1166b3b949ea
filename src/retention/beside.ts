import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../engine/is-alive.ts";
import { Sharing } from "../engine/sharing.ts";
import { processStart } from "../executors/index.ts";
import { type Hash, newId } from "../kernel/index.ts";
import type { EngineRow, Store } from "../store/types.ts";

const HEARTBEAT_MS = 2000;
const LOOK_MS = 5;
/** After so long it is told who is waited for. */
const PATIENCE_MS = 2000;

/**
 * The place of a collection among the processes that work on a store: it is known to them as one of their own. So none
 * of them begins a call that it holds, and what they found before is known to it.
 */
export class Beside {
  readonly #store: Store;
  readonly #sharing: Sharing;
  readonly #onWait: ((engine: EngineRow) => void) | undefined;

  private constructor(store: Store, sharing: Sharing, onWait: ((engine: EngineRow) => void) | undefined) {
    this.#store = store;
    this.#sharing = sharing;
    this.#onWait = onWait;
  }

  /**
   * Becomes known, and waits until all others have recorded what they have, and hold what they are at.
   *
   * @param onWait - told when one of them takes long
   */
  static async enter(store: Store, onWait?: (engine: EngineRow) => void): Promise<Beside> {
    const sharing = new Sharing(store, hostname());
    await sharing.open(onWait);
    return new Beside(store, sharing, onWait);
  }

  /** Takes calls, so that nobody begins them; answers those that nobody else has. */
  async hold(calls: readonly Hash[]): Promise<Hash[]> {
    const held = await this.#store.claim(this.#sharing.id, calls);
    return calls.filter((call) => !held.has(call));
  }

  release(calls: readonly Hash[]): Promise<void> {
    return this.#store.release(this.#sharing.id, calls);
  }

  /**
   * Waits until every other has recorded what it has taken from the cache by now: each does when a newcomer appears.
   * Whoever comes after this began has not seen what was gone before.
   */
  async settled(): Promise<void> {
    if ((await this.#others()).length === 0) return;
    const newcomer = engineRow();
    await this.#store.registerEngine(newcomer);
    try {
      const before = new Set((await this.#others(newcomer)).map(({ id }) => id));
      const begun = performance.now();
      for (let told = false; ;) {
        const now = await this.#others(newcomer);
        const waiting = now.find(
          ({ id, seen }) =>
            before.has(id) &&
            seen !== newcomer.id &&
            // Whoever has seen a later one has seen this one too.
            !now.some((other) => other.id === seen && isLater(other, newcomer)),
        );
        if (!waiting) return;
        if (!told && performance.now() - begun > PATIENCE_MS) {
          told = true;
          this.#onWait?.(waiting);
        }
        await sleep(LOOK_MS);
      }
    } finally {
      await this.#store.removeEngine(newcomer.id);
    }
  }

  /**
   * Works while nobody else does: who comes meanwhile waits until this is done.
   *
   * @returns nothing, without working, when somebody is there
   */
  async alone<T>(work: () => Promise<T>): Promise<T | undefined> {
    // It never says whom it has seen: newcomers wait for it.
    const engine = engineRow();
    await this.#store.registerEngine(engine);
    const beat = setInterval(() => {
      void this.#store.updateEngine(engine.id, { heartbeatAt: Date.now() }).catch(() => {});
    }, HEARTBEAT_MS).unref();
    try {
      return (await this.#others(engine)).length > 0 ? undefined : await work();
    } finally {
      clearInterval(beat);
      await this.#store.removeEngine(engine.id);
    }
  }

  /** Nobody need take notice any more; what it holds is free. */
  leave(): Promise<void> {
    return this.#sharing.close();
  }

  /** Those that work on the store beside this one. */
  async #others(own?: EngineRow): Promise<readonly EngineRow[]> {
    return (await this.#store.listEngines()).filter(
      ({ id, host, pid, pidStarted }) =>
        id !== this.#sharing.id && id !== own?.id && (host !== hostname() || isAlive(pid, pidStarted)),
    );
  }
}

function engineRow(): EngineRow {
  const now = Date.now();
  return {
    id: newId(),
    run: "",
    pid: process.pid,
    pidStarted: processStart(process.pid) ?? "",
    host: hostname(),
    startedAt: now,
    heartbeatAt: now,
    seen: null,
  };
}

function isLater(a: EngineRow, b: EngineRow): boolean {
  return a.startedAt > b.startedAt || (a.startedAt === b.startedAt && a.id > b.id);
}
