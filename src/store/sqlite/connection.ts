import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { crashPoint } from "../../kernel/index.ts";
import { explain, isBusy, lockedTooLong } from "./errors.ts";

/** A statement that is compiled when it is first used: opening a store compiles none. */
export type Statement = () => StatementSync;

/** How a connection behaves. */
export interface ConnectionOptions {
  /** How long to wait for another writer, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** Page cache in KiB. */
  readonly cacheKiB: number;
  /** What to open in place of the file itself. */
  readonly open?: { readonly file: string | URL; readonly readOnly?: boolean };
  /** Called when it is closed. */
  readonly dispose?: () => void;
}

/** Page cache of a connection. Half of it makes 100,000 jobs take 50 µs each instead of 31, twice of it 30. */
export const CACHE_KIB = 32_768;

/** How long to wait before asking for the lock again, in milliseconds: not in step with others who wait. */
const pause = (): number => 1 + Math.random() * 3;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** One open database, its transactions and its statements. */
export class Connection {
  readonly location: string;
  readonly db: DatabaseSync;
  readonly #lockTimeoutMs: number;
  readonly #dispose: (() => void) | undefined;
  readonly #version: Statement = this.statement("pragma data_version");

  /** @throws LigaseError when the file cannot be opened, see {@link explain} */
  constructor(location: string, options: ConnectionOptions) {
    this.location = location;
    this.#lockTimeoutMs = options.lockTimeoutMs;
    this.#dispose = options.dispose;
    const { file, readOnly = false } = options.open ?? { file: location };
    try {
      this.db = new DatabaseSync(file, {
        readOnly,
        enableForeignKeyConstraints: false,
        timeout: options.lockTimeoutMs,
      });
    } catch (error) {
      throw explain(error, location);
    }
    try {
      // FULL: the log is synced at each commit. NORMAL would spare 0.9 ms a commit on an SSD, but a
      // power cut could then take back results that people have seen.
      // The log is folded into the database every 16 MiB instead of every 4: a page that many commits
      // touched is copied once (100,000 jobs in groups of 250: 32 µs each instead of 43).
      this.db.exec(`
        pragma synchronous = full;
        pragma wal_autocheckpoint = 4000;
        pragma journal_size_limit = 67108864;
        pragma cache_size = -${options.cacheKiB};
        pragma temp_store = memory`);
    } catch (error) {
      this.db.close();
      throw explain(error, location);
    }
  }

  /** A statement that stays compiled from its first use on. */
  statement(sql: string, options: { returnArrays?: boolean } = {}): Statement {
    let compiled: StatementSync | undefined;
    return () => (compiled ??= this.db.prepare(sql, options));
  }

  /**
   * Writes in one transaction: all of it or nothing.
   *
   * The lock is asked for again every few milliseconds. SQLite's own waiting comes to look only
   * every 100 ms after a while, and a process that commits without pause would starve the others.
   *
   * @throws LigaseError `LIGASE_E_STORE_LOCKED` when others hold it for too long
   */
  transaction<T>(work: () => T): T {
    const start = performance.now();
    while (!this.#begin(start)) Atomics.wait(sleeper, 0, 0, pause());
    try {
      const result = work();
      this.#commit();
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /** The same for work that is asynchronous; nobody else may use the connection meanwhile. */
  async transactionAsync<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    while (!this.#begin(start)) await setTimeout(pause());
    try {
      const result = await work();
      this.#commit();
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #commit(): void {
    crashPoint("store.commit.before");
    this.db.exec("commit");
    crashPoint("store.commit.after");
  }

  #rollback(): void {
    // A full disk, for one, has made SQLite roll back by itself.
    if (this.db.isTransaction) this.db.exec("rollback");
  }

  /** Takes the lock for writing; answers whether it was free. */
  #begin(start: number): boolean {
    this.db.exec("pragma busy_timeout = 0");
    try {
      this.db.exec("begin immediate");
      return true;
    } catch (error) {
      if (!isBusy(error)) throw error;
      const waited = performance.now() - start;
      if (waited > this.#lockTimeoutMs) throw lockedTooLong(this.location, waited, error);
      return false;
    } finally {
      this.db.exec(`pragma busy_timeout = ${this.#lockTimeoutMs}`);
    }
  }

  /** A number that changes when another connection has committed. */
  dataVersion(): number {
    return Number(this.#version().get()?.["data_version"]);
  }

  /** Runs something and says in the store's words what went wrong. */
  explained<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(error, this.location, () => this.#damage());
    }
  }

  #damage(): string {
    try {
      return String(this.db.prepare("pragma quick_check(1)").get()?.["quick_check"] ?? "");
    } catch {
      return "";
    }
  }

  close(): void {
    if (!this.db.isOpen) return;
    this.db.close();
    this.#dispose?.();
  }
}
