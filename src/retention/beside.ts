import { hostname } from "node:os";
import { isAlive } from "../engine/is-alive.ts";
import { Sharing } from "../engine/sharing.ts";
import { processStart } from "../executors/index.ts";
import { type Hash, newId } from "../kernel/index.ts";
import type { EngineRow, Store } from "../store/types.ts";

const HEARTBEAT_MS = 2000;

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

  /** Those that work on the store beside this one. */
  async others(): Promise<readonly EngineRow[]> {
    const engines = await this.#store.listEngines();
    return engines.filter(
      ({ id, host, pid, pidStarted }) => id !== this.#sharing.id && (host !== hostname() || isAlive(pid, pidStarted)),
    );
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
   * Waits until every other has recorded what it has taken from the cache by now. Whoever came later than this began
   * has not seen what was gone before.
   */
  async settled(): Promise<void> {
    if ((await this.others()).length === 0) return;
    const newcomer = new Sharing(this.#store, hostname());
    await newcomer.open(this.#onWait);
    await newcomer.close();
  }

  /**
   * Works while nobody else does: who comes meanwhile waits until this is done.
   *
   * @returns nothing, without working, when somebody is there
   */
  async alone<T>(work: () => Promise<T>): Promise<T | undefined> {
    const now = Date.now();
    // An engine that never says whom it has seen: newcomers wait for it.
    const engine: EngineRow = {
      id: newId(),
      run: "",
      pid: process.pid,
      pidStarted: processStart(process.pid) ?? "",
      host: hostname(),
      startedAt: now,
      heartbeatAt: now,
      seen: null,
    };
    await this.#store.registerEngine(engine);
    const beat = setInterval(() => {
      void this.#store.updateEngine(engine.id, { heartbeatAt: Date.now() }).catch(() => {});
    }, HEARTBEAT_MS).unref();
    try {
      const others = (await this.others()).filter(({ id }) => id !== engine.id);
      return others.length > 0 ? undefined : await work();
    } finally {
      clearInterval(beat);
      await this.#store.removeEngine(engine.id);
    }
  }

  /** Nobody need take notice any more; what it holds is free. */
  leave(): Promise<void> {
    return this.#sharing.close();
  }
}
