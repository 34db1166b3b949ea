import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "../../../src/store/migrations/index.ts";
import { kyselyOf } from "../../../src/store/sqlite/kysely.ts";

/** Makes a store as version 1 of the schema left it: the run `run0000000001` of one job. */
export async function makeVersionOne(file: string): Promise<void> {
  const db = new DatabaseSync(file);
  db.exec("pragma journal_mode = wal");
  await MIGRATIONS["001-initial"]?.up(kyselyOf<unknown>(db));
  db.exec(`
    pragma application_id = 0x4c494741; pragma user_version = 1;
    insert into runs (id, task, state, started_at, host, user_name, pid, cwd, argv, ligase_version, node_version, tags)
      values ('run0000000001', 'main', 'done', 5, 'h', 'u', 1, '/', '[]', '0.1.0', '24', '{}');
    insert into jobs (id, run, call, task, task_hash, args_value, state, reason, executor, created_at, attempts)
      values ('job0000000001', 'run0000000001', 'c', 'main', 't', 'a', 'done', 'new', 'inline', 5, 1);`);
  db.close();
}
