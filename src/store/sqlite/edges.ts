import type { CallEdgeRow, DataEdgeRow, TaskFlow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text } from "./row.ts";

function toDataEdge(row: Row): DataEdgeRow {
  return {
    call: text(row["call"]),
    argument: text(row["argument"]),
    from: text(row["source"]),
    part: text(row["part"]),
  };
}

/**
 * The calls of a run with their tasks, found once: both ends of an edge are asked about. What follows joins from it with
 * `cross join`, which keeps the order: SQLite takes the list to be short, and would read it again for every edge there is.
 */
const CALLS_OF_RUN = "with made (call, task) as materialized (select distinct call, task from jobs where run = ?)";

/** The tables `call_edges` and `data_edges`. */
export class Edges {
  readonly #insertCall: Statement;
  readonly #insertData: Statement;
  readonly #data: Statement;
  readonly #callsOfRun: Statement;
  readonly #dataOfRun: Statement;
  readonly #flows: Statement;

  constructor(connection: Connection) {
    this.#insertCall = connection.statement(
      "insert into call_edges (parent, child) values (?, ?) on conflict do nothing",
    );
    this.#insertData = connection.statement(
      "insert into data_edges (call, argument, source, part) values (?, ?, ?, ?) on conflict do nothing",
    );
    this.#data = connection.statement("select * from data_edges where call = ? order by argument, source, part");
    this.#callsOfRun = connection.statement(`
      ${CALLS_OF_RUN}
      select parent, child from made cross join call_edges on parent = made.call
      where +child in (select call from made) order by parent, child`);
    this.#dataOfRun = connection.statement(`
      ${CALLS_OF_RUN}
      select data_edges.* from made cross join data_edges on data_edges.call = made.call
      where source in (select call from made) order by data_edges.call, argument, source, part`);
    this.#flows = connection.statement(`
      ${CALLS_OF_RUN}
      select source.task as source, made.task as task,
        substr(argument, 1, instr(argument || '.', '.') - 1) as parameter, part, count(*) as edges
      from made cross join data_edges on data_edges.call = made.call join made as source on source.call = data_edges.source
      group by source.task, made.task, parameter, part order by source.task, made.task, parameter, part`);
  }

  writeCall(edge: CallEdgeRow): void {
    this.#insertCall().run(edge.parent, edge.child);
  }

  writeData(edge: DataEdgeRow): void {
    this.#insertData().run(edge.call, edge.argument, edge.from, edge.part);
  }

  /** What flowed into a call. */
  into(call: string): DataEdgeRow[] {
    return this.#data().all(call).map(toDataEdge);
  }

  /** Between the calls that the jobs of a run stand for. */
  callsOfRun(run: string): CallEdgeRow[] {
    return this.#callsOfRun()
      .all(run)
      .map((row) => ({ parent: text(row["parent"]), child: text(row["child"]) }));
  }

  /** Between the calls that the jobs of a run stand for. */
  dataOfRun(run: string): DataEdgeRow[] {
    return this.#dataOfRun().all(run).map(toDataEdge);
  }

  /** How many edges there are within a run from task to task, by parameter and part. */
  flows(run: string): TaskFlow[] {
    const flows = new Map<string, TaskFlow>();
    for (const row of this.#flows().all(run)) {
      const flow = {
        from: text(row["source"]),
        to: text(row["task"]),
        argument: text(row["parameter"]),
        part: text(row["part"]).replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, "*"),
      };
      const key = JSON.stringify(flow);
      flows.set(key, { ...flow, count: (flows.get(key)?.count ?? 0) + number(row["edges"]) });
    }
    return [...flows.values()];
  }
}
