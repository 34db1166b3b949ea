import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import type { Store } from "../types.ts";
import { CACHE_KIB, Connection, type ConnectionOptions } from "./connection.ts";
import { ensureSchema } from "./create.ts";
import { explain, isReadOnly } from "./errors.ts";
import { type FileSystemFacts, refuseNetwork } from "./network.ts";
import { openReadOnly } from "./read-only.ts";
import { SqliteStore } from "./store.ts";
import { Tables } from "./tables.ts";
import { ValueTexts } from "./value-texts.ts";
import { AdaptiveWriter, InlineWriter } from "./writer.ts";

/** How a store is opened. */
export interface OpenOptions {
  /** Make the store when there is none; otherwise that is an error. Default: yes. */
  readonly create?: boolean;
  /** Take a store that cannot be written as well, to read in it. What is written nevertheless fails. Default: no. */
  readonly acceptReadOnly?: boolean;
  /** How long to wait for another process that is writing, in milliseconds. Default: a minute. */
  readonly lockTimeoutMs?: number;
  /** Values with a longer text, in characters, are kept as files. */
  readonly inlineChars?: number;
  /**
   * Where writes happen: on this thread, on one of its own, or (the default) here until there is
   * much to write. A store in memory always writes inline.
   */
  readonly writer?: "inline" | "thread" | "auto";
  /** What the machine says of the folder's file system; for tests. */
  readonly fileSystem?: FileSystemFacts;
}

const INLINE_CHARS = 64 * 1024;

/** Page cache for a connection that mostly reads: lookups by key profit little from more. */
const READ_CACHE_KIB = 8192;

/** A batch of so many rows starts the thread: some 4,000 tasks a second, at a group every 20 ms. */
const MANY_ROWS = 500;

/**
 * Opens the store in a `.ligase` folder and makes it when it is not there. `:memory:` is a store
 * that lives as long as it is open.
 *
 * @throws LigaseError `LIGASE_E_NO_STORE`, `LIGASE_E_STORE_NETWORK`, `LIGASE_E_STORE_READ_ONLY`,
 * `LIGASE_E_STORE_CORRUPT`, `LIGASE_E_STORE_NEWER`, `LIGASE_E_STORE_LOCKED`, `LIGASE_E_DISK_FULL`
 * @example
 * ```ts
 * const store = await openStore(".ligase");
 * await store.latestRun();
 * ```
 */
export async function openStore(dir: string, options: OpenOptions = {}): Promise<Store> {
  const inMemory = dir === ":memory:";
  const location = inMemory ? dir : join(dir, "store.db");
  if (!inMemory) prepareFolder(dir, location, options);
  const { lockTimeoutMs = 60_000 } = options;
  const connection = await connect(location, options.acceptReadOnly ?? false, {
    lockTimeoutMs,
    cacheKiB: options.writer === "inline" ? CACHE_KIB : READ_CACHE_KIB,
  });
  try {
    const { inlineChars = INLINE_CHARS, writer = "auto" } = options;
    const textsFolder = join(dir, "values");
    const tables = new Tables(connection, inMemory ? undefined : new ValueTexts(textsFolder), inlineChars);
    if (inMemory || writer === "inline") return new SqliteStore(tables, new InlineWriter(tables));
    const settings = { location, lockTimeoutMs, textsFolder, inlineChars };
    return new SqliteStore(tables, new AdaptiveWriter(tables, settings, writer === "thread" ? 0 : MANY_ROWS));
  } catch (error) {
    connection.close();
    throw explain(error, location);
  }
}

async function connect(location: string, acceptReadOnly: boolean, options: ConnectionOptions): Promise<Connection> {
  let connection: Connection | undefined;
  try {
    connection = new Connection(location, options);
    await ensureSchema(connection);
    return connection;
  } catch (error) {
    connection?.close();
    const cause = error instanceof LigaseError && error.code === "LIGASE_E_STORE_READ_ONLY" ? error.cause : error;
    if (!acceptReadOnly || !isReadOnly(cause)) throw explain(error, location);
  }
  try {
    return await openReadOnly(location, options);
  } catch (error) {
    throw explain(error, location);
  }
}

function prepareFolder(dir: string, location: string, { create = true, fileSystem }: OpenOptions): void {
  if (!create && !isThere(location)) {
    throw new LigaseError("LIGASE_E_NO_STORE", `there is no store in ${dir}: nothing has run here yet`, {
      mend: "run a workflow first, or go to the folder of the project that it ran in",
      facts: { path: location },
    });
  }
  try {
    if (create) mkdirSync(dir, { recursive: true });
    refuseNetwork(dir, fileSystem);
  } catch (error) {
    throw explain(error, location);
  }
}

/** A folder that may not be looked into is no folder without a store. */
function isThere(location: string): boolean {
  try {
    return statSync(location, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw explain(error, location);
  }
}
