import type { Hash } from "../../kernel/index.ts";
import type { FoundFile, ValueRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text } from "./row.ts";
import type { ValueTexts } from "./value-texts.ts";

/** The tables `stored_values` and `value_files`. */
export class Values {
  readonly #texts: ValueTexts | undefined;
  readonly #inlineChars: number;
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #forgetFiles: Statement;
  readonly #insertFile: Statement;
  readonly #withFile: Statement;

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
    this.#forgetFiles = connection.statement("delete from value_files where value = ?");
    this.#insertFile = connection.statement(`
      insert into value_files (value, path, name, hash) values (?, ?, ?, ?) on conflict do nothing`);
    // Neither column of `calls` has an index: on a store of 100,000 calls this question takes 30 ms,
    // and the two indexes would take 20 µs from every call recorded.
    this.#withFile = connection.statement(`
      select calls.key, 'argument' as role, f.name, f.path
        from calls join value_files f on f.value = calls.args_value where f.hash = ?1
      union
      select calls.key, 'result' as role, f.name, f.path
        from calls join value_files f on f.value = calls.result_value where f.hash = ?1
      order by 1, 2, 4`);
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
    if (file === null) this.#upsert().run(hash, text, null, Buffer.byteLength(text));
    else this.#upsert().run(hash, null, file, Buffer.byteLength(text));
    if (files === undefined || files.length === 0) return;
    this.#forgetFiles().run(hash);
    for (const part of files) this.#insertFile().run(hash, part.path, part.name, part.hash);
  }

  get(hash: Hash): string | undefined {
    const row = this.#get().get(hash);
    return row && this.textOf(row["text"], row["file"], row["bytes"]);
  }

  /** The text of a value from the columns of its row. */
  textOf(inline: Row[string] | undefined, file: Row[string] | undefined, bytes: Row[string] | undefined): string {
    if (typeof inline === "string") return inline;
    return this.#texts === undefined ? text(inline) : this.#texts.read(text(file), number(bytes));
  }

  /** Calls whose arguments or result hold a file with this content. */
  withFile(hash: string): FoundFile[] {
    return this.#withFile()
      .all(hash)
      .map((row) => ({
        call: text(row["key"]),
        role: row["role"] === "argument" ? "argument" : "result",
        name: text(row["name"]),
        path: text(row["path"]),
      }));
  }
}
