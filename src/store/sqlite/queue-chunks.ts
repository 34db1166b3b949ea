import type { QueueChunkRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, text } from "./row.ts";

/** The table `queue_chunks`: what jobs have streamed. */
export class QueueChunks {
  readonly #put: Statement;
  readonly #list: Statement;
  readonly #remove: Statement;

  constructor(connection: Connection) {
    this.#put = connection.statement("insert or replace into queue_chunks (job, number, output) values (?, ?, ?)");
    this.#list = connection.statement(
      "select job, number, output from queue_chunks where job = ? and number >= ? order by number limit ?",
    );
    this.#remove = connection.statement("delete from queue_chunks where job = ?");
  }

  put({ job, number, output }: QueueChunkRow): void {
    this.#put().run(job, number, output);
  }

  /** In order. */
  list(job: string, from: number, limit: number): QueueChunkRow[] {
    return this.#list()
      .all(job, from, limit)
      .map((row) => ({ job: text(row["job"]), number: number(row["number"]), output: text(row["output"]) }));
  }

  /** Forgets those of a job. */
  remove(job: string): void {
    this.#remove().run(job);
  }
}
