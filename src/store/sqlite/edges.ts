import type { CallEdgeRow, DataEdgeRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { text } from "./row.ts";

/** The tables `call_edges` and `data_edges`. */
export class Edges {
  readonly #insertCall: Statement;
  readonly #insertData: Statement;
  readonly #data: Statement;

  constructor(connection: Connection) {
    this.#insertCall = connection.statement(
      "insert into call_edges (parent, child) values (?, ?) on conflict do nothing",
    );
    this.#insertData = connection.statement(
      "insert into data_edges (call, argument, source, part) values (?, ?, ?, ?) on conflict do nothing",
    );
    this.#data = connection.statement("select * from data_edges where call = ? order by argument, source, part");
  }

  writeCall(edge: CallEdgeRow): void {
    this.#insertCall().run(edge.parent, edge.child);
  }

  writeData(edge: DataEdgeRow): void {
    this.#insertData().run(edge.call, edge.argument, edge.from, edge.part);
  }

  /** What flowed into a call. */
  into(call: string): DataEdgeRow[] {
    return this.#data()
      .all(call)
      .map((row) => ({
        call: text(row["call"]),
        argument: text(row["argument"]),
        from: text(row["source"]),
        part: text(row["part"]),
      }));
  }
}
