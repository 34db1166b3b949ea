import { type BigIntStats, statSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../kernel/index.ts";
import { active, type Activities, type Activity, noActivities } from "./activity.ts";
import { Dir } from "./dir.ts";
import { File } from "./file.ts";
import type { Fingerprint, FingerprintIndex } from "./fingerprint.ts";
import { fsError } from "./fs-error.ts";
import { Hasher, hashSmall, SMALL } from "./hasher.ts";
import { fetchInput } from "./http.ts";
import { knownOf, localPath, setKnown, setLocalPath, type Located } from "./located.ts";
import { isRemote } from "./location.ts";
import { factsOfAll, manifestHash, readMembers, type Member } from "./manifest.ts";
import { factsOf, isSettled, sameFacts, type StatFacts } from "./stat-facts.ts";

/** What {@link Fingerprints} needs. */
export interface FingerprintOptions {
  /** Where fingerprints are kept from one run to the next. Without it they last as long as this object. */
  readonly index?: FingerprintIndex;
  /** Where http(s) inputs are kept. Without it they are refused. */
  readonly cacheDir?: string;
  /** Hears of each file and folder on this machine whose content is asked for. */
  readonly onFile?: (path: string) => void;
  /** Hears what is read and fetched. */
  readonly activities?: Activities;
  /** How many threads hash large files. Default: the processors, at most 4. */
  readonly threads?: number;
}

interface Remembered extends Fingerprint {
  readonly facts: StatFacts;
}

const TRIES = 3;
const BATCH = 256;

/**
 * Finds out what files and directories contain, reading as little as it can: contents are hashed
 * once and known again by their stat facts. One a run: what another run found out is checked again.
 *
 * @example
 * ```ts
 * const fingerprints = new Fingerprints({ index });
 * const { hash } = await fingerprints.file("/data/reads.fq.gz");
 * await fingerprints.verify("/data/reads.fq.gz", hash); // true, without reading
 * ```
 */
export class Fingerprints {
  readonly #index: FingerprintIndex | undefined;
  readonly #cacheDir: string | undefined;
  readonly #activities: Activities;
  readonly #onFile: ((path: string) => void) | undefined;
  readonly #hasher: Hasher;
  readonly #memory = new Map<string, Remembered>();
  readonly #pending = new Map<string, Promise<Fingerprint>>();
  readonly #fetched = new Map<string, Promise<string>>();

  constructor(options: FingerprintOptions = {}) {
    this.#index = options.index;
    this.#cacheDir = options.cacheDir;
    this.#activities = options.activities ?? noActivities;
    this.#onFile = options.onFile;
    this.#hasher = new Hasher(options.threads);
  }

  /**
   * The fingerprint of a file. Calls that come while it is read share the reading.
   *
   * @param path - absolute; links are followed
   * @throws LigaseError `LIGASE_E_NO_FILE`, `LIGASE_E_IS_DIR`, `LIGASE_E_PERMISSION`,
   * `LIGASE_E_SPECIAL_FILE` for a pipe or device, `LIGASE_E_FILE_CHANGING` when it is being written
   */
  file(path: string): Promise<Fingerprint> {
    return this.#shared(path, () => this.#find(path, () => this.#lookAtFile(path)));
  }

  /** The fingerprint of a directory: of the names, contents and executable bits of all that is in it. */
  dir(path: string): Promise<Fingerprint> {
    return this.#shared(`${path}/`, () => this.#find(path, () => this.#lookAtDir(path)));
  }

  /** Tells whether a path still has a content, a file or a directory. Something missing has not. */
  async verify(path: string, hash: string): Promise<boolean> {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return false;
    try {
      return (await (stats.isDirectory() ? this.dir(path) : this.file(path))).hash === hash;
    } catch (error) {
      if (error instanceof LigaseError && error.code === "LIGASE_E_NO_FILE") return false;
      throw error;
    }
  }

  /**
   * Finds out what the Files and Dirs among some values contain (other objects are passed over),
   * so that they have an identity; URLs are fetched first.
   */
  async settle(values: Iterable<object>): Promise<void> {
    const settling: Promise<void>[] = [];
    for (const value of values) {
      if (!(value instanceof File) && !(value instanceof Dir)) continue;
      if (value instanceof File && value.sidecars.length > 0) settling.push(this.settle(value.sidecars));
      if (knownOf(value)?.by !== this) settling.push(this.#settleOne(value));
    }
    await Promise.all(settling);
  }

  /**
   * The first of some recorded Files and Dirs that is no longer what was recorded, or nothing when
   * all are.
   */
  async firstChanged(values: Iterable<object>): Promise<File | Dir | undefined> {
    for (const value of values) {
      if (!(value instanceof File) && !(value instanceof Dir)) continue;
      const known = knownOf(value);
      const path = known && (isRemote(value.path) ? await this.#fetch(value) : this.#told(value.path));
      if (!known || path === undefined || !(await this.verify(path, known.hash))) return value;
      setKnown(value, { ...known, by: this });
      const side = value instanceof File ? await this.firstChanged(value.sidecars) : undefined;
      if (side) return side;
    }
    return undefined;
  }

  /** Ends the threads that hash. */
  close(): Promise<void> {
    return this.#hasher.close();
  }

  async #settleOne(value: File | Dir): Promise<void> {
    const path = isRemote(value.path) ? await this.#fetch(value) : this.#told(value.path);
    const { hash, size } = await (value instanceof Dir ? this.dir(path) : this.file(path));
    setKnown(value, { hash, size, by: this });
  }

  #told(path: string): string {
    this.#onFile?.(path);
    return path;
  }

  /** Fetches a URL, at most once a run. */
  async #fetch(value: Located): Promise<string> {
    const cacheDir = this.#cacheDir;
    if (cacheDir === undefined) {
      throw new LigaseError("LIGASE_E_FETCH", `${value.path} cannot be fetched here: there is no folder to keep it in`);
    }
    let fetched = this.#fetched.get(value.path);
    if (!fetched) {
      fetched = fetchInput(value.path, cacheDir, { activities: this.#activities }).then(({ path }) => path);
      this.#fetched.set(value.path, fetched);
    }
    const path = await fetched;
    if (localPath(value) !== path) setLocalPath(value, path);
    return path;
  }

  #shared(key: string, work: () => Promise<Fingerprint>): Promise<Fingerprint> {
    let pending = this.#pending.get(key);
    if (!pending) {
      pending = work().finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  /** Looks at something, and reads it unless its facts are known; twice, for it must not change meanwhile. */
  async #find(path: string, look: () => Promise<Look>): Promise<Fingerprint> {
    let { facts, read } = await look();
    const known = await this.#recall(path, facts);
    if (known) return known;
    for (let tries = 0; tries < TRIES; tries++) {
      const hashedAt = Date.now();
      const hash = await read();
      const again = await look();
      if (hash !== undefined && sameFacts(facts, again.facts)) {
        if (isSettled(facts, hashedAt)) {
          this.#memory.set(path, { hash, size: facts.size, facts });
          this.#index?.put({ path, ...facts, hash, hashedAt });
        }
        return { hash, size: facts.size };
      }
      ({ facts, read } = again);
    }
    throw new LigaseError("LIGASE_E_FILE_CHANGING", `${path} changed while it was read`, {
      facts: { path },
      mend: "wait until what writes it has finished",
    });
  }

  async #recall(path: string, facts: StatFacts): Promise<Fingerprint | undefined> {
    const here = this.#memory.get(path);
    if (here && sameFacts(here.facts, facts)) return here;
    const row = await this.#index?.find(path);
    if (!row || !sameFacts(row, facts) || !isSettled(row, row.hashedAt)) return undefined;
    const known = { hash: row.hash, size: row.size, facts };
    this.#memory.set(path, known);
    return known;
  }

  async #lookAtFile(path: string): Promise<Look> {
    let stats: BigIntStats;
    try {
      // Synchronous: 3 µs, where the asynchronous call takes 70.
      stats = statSync(path, { bigint: true });
      if (stats.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
    } catch (error) {
      throw fsError(error, path, "read");
    }
    const facts = factsOf(stats);
    if (!stats.isFile()) {
      throw new LigaseError("LIGASE_E_SPECIAL_FILE", `${path} is no regular file: its content has no identity`, {
        facts: { path },
        mend: "write a pipe's or device's content to a file, and give that",
      });
    }
    const read = () =>
      active(this.#activities.begin("hash", path, facts.size), async (activity) => {
        if (facts.size >= SMALL) return this.#hasher.hashFile(path, activity.moved);
        const read = hashSmall(path);
        if (read) activity.moved(read.size);
        return read?.hash;
      });
    return { facts, read };
  }

  async #lookAtDir(path: string): Promise<Look> {
    const all = await readMembers(path);
    return { facts: factsOfAll(all), read: () => this.#readDir(path, all) };
  }

  /** Hashes the members of a directory: large ones as files of their own, small ones in batches. */
  async #readDir(root: string, all: readonly Member[]): Promise<string> {
    const hashes = new Map<string, string>();
    const small: string[] = [];
    let smallBytes = 0;
    const work: Promise<void>[] = [];
    for (const { path, facts } of all) {
      if (!facts) continue;
      if (facts.size < SMALL) {
        small.push(path);
        smallBytes += facts.size;
      } else work.push(this.file(join(root, path)).then(({ hash }) => void hashes.set(path, hash)));
    }
    const hashSmallOnes = async ({ moved }: Activity): Promise<void> => {
      const batches: Promise<void>[] = [];
      for (let at = 0; at < small.length; at += BATCH) {
        const batch = small.slice(at, at + BATCH);
        const paths = batch.map((path) => join(root, path));
        const hashing = this.#hasher.hashFiles(paths, moved);
        batches.push(hashing.then((found) => found.forEach((hash, i) => void hashes.set(batch[i]!, hash))));
      }
      await Promise.all(batches);
    };
    if (small.length > 0) work.push(active(this.#activities.begin("hash", root, smallBytes), hashSmallOnes));
    await Promise.all(work);
    return manifestHash(all, hashes);
  }
}

/** What a look at a file or directory gives: its facts, and how to read it. */
interface Look {
  readonly facts: StatFacts;
  /** Nothing when it turned out to be changing. */
  readonly read: () => Promise<string | undefined>;
}
