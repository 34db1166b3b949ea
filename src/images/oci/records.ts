import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Image } from "../image.ts";
import type { Environment, StoredEnvironment } from "../types.ts";

/** What is kept of an image that an engine holds: what the engine itself does not know of it. */
export interface ImageRecord {
  readonly environment: Environment;
  readonly definition: unknown;
  readonly builtAt: number;
  readonly size: number;
}

/** The records of one engine, one file an image. The file's time is when it was last used. */
export class ImageRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The record of a definition; whatever cannot be read counts as not there, and is made anew. */
  find(key: string): ImageRecord | undefined {
    try {
      return readRecord(readFileSync(this.#path(key), "utf8"));
    } catch {
      return undefined;
    }
  }

  put(key: string, record: ImageRecord): void {
    mkdirSync(this.#folder, { recursive: true });
    const path = this.#path(key);
    const part = `${path}.${process.pid}.part`;
    writeFileSync(part, JSON.stringify(record));
    renameSync(part, path);
  }

  /** It was used now. */
  touch(key: string): void {
    const now = new Date();
    try {
      utimesSync(this.#path(key), now, now);
    } catch {
      // Another process has removed it; or the folder is another user's, who does not mind.
    }
  }

  remove(key: string): void {
    rmSync(this.#path(key), { force: true });
  }

  /** Removes the records of an image by its name among those of the engine. */
  removePlace(place: string): void {
    for (const key of this.#keys()) if (this.find(key)?.environment.place === place) this.remove(key);
  }

  list(): readonly StoredEnvironment[] {
    return this.#keys().flatMap((key) => {
      const record = this.find(key);
      if (record === undefined) return [];
      const { environment, definition, builtAt, size } = record;
      try {
        const usedAt = statSync(this.#path(key)).mtimeMs;
        return [{ environment, image: Image.fromJSON(definition), builtAt, usedAt, size }];
      } catch {
        return [];
      }
    });
  }

  #keys(): readonly string[] {
    try {
      return readdirSync(this.#folder).flatMap((name) => /^([\w-]+)\.json$/.exec(name)?.[1] ?? []);
    } catch {
      return [];
    }
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

function readRecord(text: string): ImageRecord | undefined {
  const record: unknown = JSON.parse(text);
  return isRecord(record) ? record : undefined;
}

/** Only this file's own writing is read; a version that writes it otherwise has other fields. */
function isRecord(value: unknown): value is ImageRecord {
  if (typeof value !== "object" || value === null) return false;
  return "environment" in value && "definition" in value && "builtAt" in value && "size" in value;
}
