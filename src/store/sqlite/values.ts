import type { Hash } from "../../kernel/index.ts";
import type { FoundFile, ValueFile, ValueRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text } from "./row.ts";
import type { ValueTexts } from "./value-texts.ts";

/**
 * How a file that lies in the store itself is written. Such a place is never given up for one outside: a copy that
 * was published may be moved or deleted, and what a task left must not depend on it. What lies in a volume is people's own.
 */
const OWN = '"path":"ligase:outputs/';

function toFile(row: Row): ValueFile {
  return { hash: text(row["hash"]), name: text(row["name"]), path: text(row["path"]) };
}

/** The tables `stored_values` and `value_files`. */
export class Values {
  readonly #texts: ValueTexts | undefined;
  readonly #inlineChars: number;
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #find: Statement;
  readonly #insertFile: Statement;
  readonly #withFile: Statement;
  readonly #places: Statement;
  readonly #callsWith: Statement;
  readonly #seenWith: Statement;
  readonly #named: Statement;

  /**
   * @param texts - where large texts go; nothing to keep all in the database
   * @param inlineChars - how long a text in the database may be
   */
  constructor(connection: Connection, texts: ValueTexts | undefined, inlineChars: number) {
    this.#texts = texts;
    this.#inlineChars = texts ? inlineChars : Infinity;
    this.#upsert = connection.statement(`
      insert into stored_values (hash, text, file, bytes) values (?, ?, ?, ?)
      on conflict (hash) do update set text = excluded.text, file = excluded.file, bytes = excluded.bytes
        where text is not excluded.text or file is not excluded.file`);
    this.#get = connection.statement("select text, file, bytes from stored_values where hash = ?");
    this.#find = connection.statement(`
      select hash, text, file, bytes from stored_values where hash in (select value from json_each(?))`);
    this.#insertFile = connection.statement(`
      insert into value_files (value, path, name, hash) values (?, ?, ?, ?) on conflict do nothing`);
    this.#withFile = connection.statement("select value, name, path from value_files where hash = ? order by path");
    this.#places = connection.statement("select hash, name, path from value_files where value = ? order by path");
    const seen = (column: string): Statement =>
      connection.statement(`
        select hash, name, path from value_files where ${column} = ? group by hash, name, path
        order by max(rowid) desc limit ?`);
    this.#seenWith = seen("hash");
    // No index: people ask for a name when a file is not known by its content, and 100,000 files take 20 ms.
    this.#named = seen("name");
    // Neither column of `calls` has an index: on a store of 100,000 calls this takes 40 ms, and the
    // two indexes would take 20 µs from every call recorded.
    this.#callsWith = connection.statement(`
      select key, args_value, result_value from calls
      where args_value in (select value from json_each(?1)) or result_value in (select value from json_each(?1))
      order by created_at, key`);
  }

  /**
   * Keeps the text of a large value in a file, before the transaction that records it.
   *
   * @returns the file's name; nothing for a value that belongs into the database
   */
  writeText(value: ValueRow): string | null {
    return value.text.length > this.#inlineChars ? (this.#texts?.write(value.text) ?? null) : null;
  }

  /** @param file - what {@link Values.writeText} answered */
  write(value: ValueRow, file: string | null): void {
    const { hash, text, files } = value;
    if (files !== undefined && !text.includes(OWN) && this.get(hash)?.includes(OWN)) return this.#seen(value);
    const bytes = Buffer.byteLength(text);
    // A file that nobody named may have been removed since it was written; from here on it is named.
    if (file !== null && !this.#texts?.has(file, bytes)) this.#texts?.write(text);
    this.#upsert().run(hash, file === null ? text : null, file, bytes);
    this.#seen(value);
  }

  /** Every place where a file was seen is kept: it is found by its content wherever it went. */
  #seen({ hash, files = [] }: ValueRow): void {
    for (const part of files) this.#insertFile().run(hash, part.path, part.name, part.hash);
  }

  get(hash: Hash): string | undefined {
    const row = this.#get().get(hash);
    return row && this.textOf(row["text"], row["file"], row["bytes"]);
  }

  find(hashes: readonly Hash[]): Map<Hash, string> {
    const found = new Map<Hash, string>();
    for (const row of this.#find().all(JSON.stringify(hashes))) {
      found.set(text(row["hash"]), this.textOf(row["text"], row["file"], row["bytes"]));
    }
    return found;
  }

  /** The text of a value from the columns of its row. */
  textOf(inline: Row[string] | undefined, file: Row[string] | undefined, bytes: Row[string] | undefined): string {
    if (typeof inline === "string") return inline;
    return this.#texts === undefined ? text(inline) : this.#texts.read(text(file), number(bytes));
  }

  /** Every place where the files in a value were seen. */
  places(value: Hash): ValueFile[] {
    return this.#places().all(value).map(toFile);
  }

  /** Places where a content was seen, those seen last first. */
  seen(hash: string, limit: number): ValueFile[] {
    return this.#seenWith().all(hash, limit).map(toFile);
  }

  /** Places where files of a name were seen, those seen last first. */
  named(name: string, limit: number): ValueFile[] {
    return this.#named().all(name, limit).map(toFile);
  }

  /** Calls whose arguments or result hold a file with this content, oldest first. */
  withFile(hash: string): FoundFile[] {
    const files = this.#withFile().all(hash);
    if (files.length === 0) return [];
    const calls = this.#callsWith().all(JSON.stringify(files.map((file) => file["value"] ?? null)));
    const found: FoundFile[] = [];
    for (const call of calls) {
      for (const { value, name, path } of files) {
        const place = { call: text(call["key"]), name: text(name), path: text(path) };
        if (value === call["args_value"]) found.push({ ...place, role: "argument" });
        if (value === call["result_value"]) found.push({ ...place, role: "result" });
      }
    }
    return found;
  }
}
