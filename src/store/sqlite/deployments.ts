import type { DeploymentRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text, word } from "./row.ts";

const STATES: readonly DeploymentRow["state"][] = ["live", "retired", "failed", "removed"];

function toDeployment(row: Row): DeploymentRow {
  return {
    id: text(row["id"]),
    app: text(row["app"]),
    version: number(row["version"]),
    state: word(STATES, row["state"]),
    manifest: text(row["manifest"]),
    createdAt: number(row["created_at"]),
    createdBy: text(row["created_by"]),
  };
}

/** The table `deployments`: the versions of apps. */
export class Deployments {
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #list: Statement;
  readonly #ofApp: Statement;

  constructor(connection: Connection) {
    // What was deployed, and by whom, stays.
    this.#upsert = connection.statement(`
      insert into deployments (id, app, version, state, manifest, created_at, created_by) values (?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set state = excluded.state, manifest = excluded.manifest`);
    this.#get = connection.statement("select * from deployments where id = ?");
    this.#list = connection.statement("select * from deployments order by created_at desc, rowid desc");
    this.#ofApp = connection.statement("select * from deployments where app = ? order by version desc");
  }

  write({ id, app, version, state, manifest, createdAt, createdBy }: DeploymentRow): void {
    this.#upsert().run(id, app, version, state, manifest, createdAt, createdBy);
  }

  get(id: string): DeploymentRow | undefined {
    const row = this.#get().get(id);
    return row && toDeployment(row);
  }

  /** Newest first. */
  list(app: string | undefined): DeploymentRow[] {
    const rows = app === undefined ? this.#list().all() : this.#ofApp().all(app);
    return rows.map(toDeployment);
  }
}
