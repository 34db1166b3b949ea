import type { Log } from "../../kernel/index.ts";
import type { SettledView } from "../../remote/index.ts";
import type { DeploymentRow, EndpointRow } from "../../store/serving.ts";
import type { Pools } from "../pool/types.ts";

/** What was live before a deployment that has not served yet. */
export interface Fallback {
  readonly live: readonly DeploymentRow[];
  readonly endpoints: readonly EndpointRow[];
}

/** So many answers are remembered for those who ask late. */
const REMEMBERED = 100;

/** Which deployments have served, and what takes the place of one that never does. */
export class Settling {
  readonly #pools: Pick<Pools, "settled">;
  readonly #log: Log;
  readonly #proven = new Set<string>();
  readonly #fallbacks = new Map<string, Fallback>();
  readonly #answers = new Map<string, Promise<SettledView>>();

  constructor(pools: Pick<Pools, "settled">, log: Log) {
    this.#pools = pools;
    this.#log = log;
  }

  /** A deployment has served once: whatever becomes of it, it is not taken back. */
  prove(id: string): void {
    this.#proven.add(id);
    this.#fallbacks.delete(id);
  }

  /** What takes the place of a deployment that never serves; nothing for one that has, or where nothing served before. */
  fallbackOf(id: string): Fallback | undefined {
    return this.#fallbacks.get(id);
  }

  /** A deployment takes the place of others. One of these that has not served is nothing to go back to: what was before it is. */
  follows(id: string, before: Fallback): void {
    const unproven = before.live.find((row) => this.#fallbacks.has(row.id));
    const fallback = unproven ? this.#fallbacks.get(unproven.id)! : before;
    if (fallback.live.length > 0 && fallback.live.every((row) => this.#proven.has(row.id))) {
      this.#fallbacks.set(id, fallback);
    }
  }

  /** What was found of a deployment, or is being found. */
  answer(id: string): Promise<SettledView> | undefined {
    return this.#answers.get(id);
  }

  /**
   * Waits until a deployment serves, or tells why it does not.
   *
   * @param failed - is called before that is told
   */
  watch(id: string, endpoints: readonly string[], failed: () => Promise<void>): Promise<SettledView> {
    const answer = this.#settle(id, endpoints, failed);
    answer.catch((error: unknown) => {
      this.#log.warn(`a deployment could not be settled: ${String(error)}`, { deployment: id });
    });
    this.#answers.set(id, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }

  async #settle(id: string, names: readonly string[], failed: () => Promise<void>): Promise<SettledView> {
    const endpoints = await Promise.all(
      names.map(async (endpoint) => {
        try {
          await this.#pools.settled(endpoint, id);
          return { endpoint, ready: true, reason: null };
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          // Which endpoint it is, stands beside it.
          return { endpoint, ready: false, reason: why.replace(`${endpoint}: `, "") };
        }
      }),
    );
    if (endpoints.every(({ ready }) => ready)) this.prove(id);
    else await failed();
    return { endpoints };
  }
}
