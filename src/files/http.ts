import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { type Backoff, backoffDelay, hashText, LigaseError, newId } from "../kernel/index.ts";
import { active, type Activities, type Activity, noActivities } from "./activity.ts";
import { counting } from "./copy.ts";
import { fsError, systemCode } from "./fs-error.ts";
import { fetchError, httpRequest } from "./http-request.ts";
import { nameOf } from "./location.ts";
import { writeAtomically } from "./write.ts";

/** What {@link fetchInput} may be told. */
export interface FetchOptions {
  /** How often a connection that failed without bringing anything is tried again. Default 4. */
  readonly retries?: number;
  /** Default: from 0.5 s, doubling, to 30 s. */
  readonly backoff?: Backoff;
  /** How long the server may be silent, in milliseconds. Default 60,000. */
  readonly idleMs?: number;
  /** Hears of what comes. */
  readonly activities?: Activities;
  readonly signal?: AbortSignal;
}

/** A URL's content on this machine. */
export interface FetchedInput {
  /** Where it is. A newer version of the content gets another path, so what is staged stays whole. */
  readonly path: string;
  /** Where it came from this time: downloaded, confirmed by the server, or (the server could not be asked) believed. */
  readonly how: "downloaded" | "unchanged" | "unconfirmed";
}

/** What the server said of a content, so that it can be asked whether it changed. */
interface Version {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

interface Cached extends Version {
  readonly url: string;
  /** Relative to the URL's folder. */
  readonly file: string;
  readonly size: number;
}

const DEFAULT_BACKOFF: Backoff = { initial: 500, max: 30_000, factor: 2 };
const LONGEST_WAIT = 60_000;
const TRY_AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/**
 * Brings the content of an http(s) URL into a folder, unless it is there and the server confirms
 * it (by `ETag` or `Last-Modified`). A download that is interrupted, also by the end of this
 * process, goes on where it stopped if the server can do that.
 *
 * @param cacheDir - absolute; made if need be
 * @throws LigaseError `LIGASE_E_FETCH`, naming the URL and what the server said; `LIGASE_E_DISK_FULL`
 */
export async function fetchInput(url: string, cacheDir: string, options: FetchOptions = {}): Promise<FetchedInput> {
  const folder = join(cacheDir, hashText(url));
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fsError(error, folder, "write");
  });
  const cached = await readJson<Cached>(join(folder, "cached.json"));
  const there = cached && (await sizeOf(join(folder, cached.file))) === cached.size ? cached : undefined;
  const download = new Download(url, folder, options);
  try {
    const fetching = (options.activities ?? noActivities).begin("fetch", hostOf(url));
    const fresh = await active(fetching, (activity) => download.run(there, activity));
    return { path: join(folder, (fresh ?? there!).file), how: fresh ? "downloaded" : "unchanged" };
  } catch (error) {
    const unreachable =
      error instanceof LigaseError && error.code === "LIGASE_E_FETCH" && !clientError(error.facts["status"]);
    if (there && unreachable) return { path: join(folder, there.file), how: "unconfirmed" };
    throw error;
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function clientError(status: unknown): boolean {
  return typeof status === "number" && status < 500;
}

/** One URL being fetched, over as many connections as it takes. */
class Download {
  readonly #url: string;
  readonly #folder: string;
  readonly #options: FetchOptions;
  /** The part that has come so far, by a name that tells whose it is. */
  readonly #part: string;
  #version: Version | undefined;

  constructor(url: string, folder: string, options: FetchOptions) {
    this.#url = url;
    this.#folder = folder;
    this.#options = options;
    this.#part = join(folder, `part-${hostname()}-${process.pid}-${newId()}`);
  }

  /** Fetches it; nothing when the server says that what is cached still holds. */
  async run(cached: Cached | undefined, activity: Activity): Promise<Cached | undefined> {
    if (!cached) await this.#adopt();
    const { retries = 4, backoff = DEFAULT_BACKOFF, signal } = this.#options;
    let failures = 0;
    let have = (await sizeOf(this.#part)) ?? 0;
    for (;;) {
      let wait: number | undefined;
      try {
        const done = await this.#connect(cached, have, activity);
        if (done !== "again") return done;
      } catch (error) {
        if (signal?.aborted || error instanceof LigaseError) {
          if (!(error instanceof TryAgain)) throw error;
          wait = error.waitMs;
        }
        const now = (await sizeOf(this.#part)) ?? 0;
        // What brings something is no failure: a download of a day may be cut off a hundred times.
        failures = now > have ? 1 : failures + 1;
        have = now;
        if (failures > retries)
          throw error instanceof TryAgain ? fetchError(this.#url, error.status) : fetchError(this.#url, error);
      }
      await setTimeout(wait ?? backoffDelay(backoff, Math.max(1, failures)), undefined, signal && { signal });
      have = (await sizeOf(this.#part)) ?? 0;
    }
  }

  /** One connection. `again`: what had come is of no use, start over. */
  async #connect(cached: Cached | undefined, have: number, activity: Activity): Promise<Cached | undefined | "again"> {
    const { idleMs, signal } = this.#options;
    const validator = this.#version?.etag ?? this.#version?.lastModified;
    const resume = have > 0 && validator !== undefined && !validator.startsWith("W/");
    const headers: Record<string, string> = {};
    if (resume) Object.assign(headers, { range: `bytes=${have}-`, "if-range": validator });
    else if (cached?.etag !== undefined) headers["if-none-match"] = cached.etag;
    else if (cached?.lastModified !== undefined) headers["if-modified-since"] = cached.lastModified;
    const response = await httpRequest(this.#url, { headers, signal, ...(idleMs !== undefined && { idleMs }) });
    const status = response.statusCode ?? 0;
    if (status === 304 && cached) {
      response.resume();
      return undefined;
    }
    if (status === 206 && resume && rangeStart(response) === have) return this.#receive(response, have, activity);
    if (status === 200) return this.#receive(response, 0, activity);
    response.destroy();
    if (status === 416 || status === 206) {
      await rm(this.#part, { force: true });
      return "again";
    }
    if (!TRY_AGAIN.has(status)) throw fetchError(this.#url, status);
    throw new TryAgain(status, retryAfter(response));
  }

  async #receive(response: IncomingMessage, from: number, activity: Activity): Promise<Cached> {
    const { etag, "last-modified": lastModified, "content-length": length } = response.headers;
    this.#version = { etag, lastModified };
    await writeAtomically(`${this.#part}.json`, JSON.stringify(this.#version));
    activity.at(from, length === undefined ? undefined : from + Number(length));
    try {
      await pipeline(response, counting(activity), createWriteStream(this.#part, { flags: from === 0 ? "w" : "a" }));
    } catch (error) {
      throw ["ENOSPC", "EDQUOT", "EACCES", "EROFS"].includes(systemCode(error) ?? "")
        ? fsError(error, this.#part, "write")
        : error;
    }
    const size = (await sizeOf(this.#part)) ?? 0;
    if (length !== undefined && size !== from + Number(length)) throw new Error("the connection was closed early");
    return this.#keep(size);
  }

  async #keep(size: number): Promise<Cached> {
    const version = newId();
    const name = nameOf(this.#url);
    const file = `${version}/${Buffer.byteLength(name) > 200 ? "content" : name}`;
    await mkdir(join(this.#folder, version));
    await rename(this.#part, join(this.#folder, file));
    const cached: Cached = { url: this.#url, file, size, ...this.#version };
    await writeAtomically(join(this.#folder, "cached.json"), JSON.stringify(cached));
    await rm(`${this.#part}.json`, { force: true });
    return cached;
  }

  /** Takes over what a process that ended has left of the same download. */
  async #adopt(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const [, pid] = /^part-.*-(\d+)-[0-9a-z]+\.json$/.exec(name) ?? [];
      if (pid === undefined || !name.startsWith(`part-${hostname()}-`) || isAlive(Number(pid))) continue;
      const part = join(this.#folder, name.slice(0, -5));
      const version = await readJson<Version>(`${part}.json`);
      await rm(`${part}.json`, { force: true });
      const taken = await rename(part, this.#part).then(
        () => true,
        () => false,
      );
      if (taken) this.#version = version;
    }
  }
}

/** The server asks for patience. */
class TryAgain extends LigaseError {
  readonly status: number;
  readonly waitMs: number | undefined;

  constructor(status: number, waitMs: number | undefined) {
    super("LIGASE_E_FETCH", `the server answered ${status}`);
    this.status = status;
    this.waitMs = waitMs;
  }
}

function rangeStart(response: IncomingMessage): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

function retryAfter(response: IncomingMessage): number | undefined {
  const after = response.headers["retry-after"];
  if (after === undefined) return undefined;
  const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return Number.isFinite(ms) ? Math.min(LONGEST_WAIT, Math.max(0, ms)) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}
