import type { FingerprintRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, text } from "./row.ts";

/** The table `fingerprints`. */
export class Fingerprints {
  readonly #upsert: Statement;
  readonly #get: Statement;

  constructor(connection: Connection) {
    this.#upsert = connection.statement(`
      insert into fingerprints (path, size, mtime_ns, ctime_ns, inode, hash, hashed_at) values (?, ?, ?, ?, ?, ?, ?)
      on conflict (path) do update set size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns,
        inode = excluded.inode, hash = excluded.hash, hashed_at = excluded.hashed_at`);
    this.#get = connection.statement("select * from fingerprints where path = ?");
  }

  write(row: FingerprintRow): void {
    this.#upsert().run(row.path, row.size, row.mtimeNs, row.ctimeNs, row.inode, row.hash, row.hashedAt);
  }

  get(path: string): FingerprintRow | undefined {
    const row = this.#get().get(path);
    return (
      row && {
        path: text(row["path"]),
        size: number(row["size"]),
        mtimeNs: text(row["mtime_ns"]),
        ctimeNs: text(row["ctime_ns"]),
        inode: text(row["inode"]),
        hash: text(row["hash"]),
        hashedAt: number(row["hashed_at"]),
      }
    );
  }
}
