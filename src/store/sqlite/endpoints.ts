import type { EndpointRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { bit, flag, text } from "./row.ts";

/** The table `endpoints`: what is live, by name. */
export class Endpoints {
  readonly #upsert: Statement;
  readonly #list: Statement;
  readonly #remove: Statement;

  constructor(connection: Connection) {
    this.#upsert = connection.statement(`
      insert into endpoints (name, app, deployment, overrides, stopped) values (?, ?, ?, ?, ?)
      on conflict (name) do update set app = excluded.app, deployment = excluded.deployment,
        overrides = excluded.overrides, stopped = excluded.stopped`);
    this.#list = connection.statement("select * from endpoints order by name");
    this.#remove = connection.statement("delete from endpoints where name = ?");
  }

  write({ name, app, deployment, overrides, stopped }: EndpointRow): void {
    this.#upsert().run(name, app, deployment, overrides, bit(stopped));
  }

  /** By name. */
  list(): EndpointRow[] {
    return this.#list()
      .all()
      .map((row) => ({
        name: text(row["name"]),
        app: text(row["app"]),
        deployment: text(row["deployment"]),
        overrides: text(row["overrides"]),
        stopped: flag(row["stopped"]),
      }));
  }

  remove(name: string): void {
    this.#remove().run(name);
  }
}
