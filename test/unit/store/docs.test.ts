/** That docs/store.md says what is so: its tables are the store's, its queries answer. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashText } from "../../../src/kernel/index.ts";
import { openStore } from "../../../src/store/index.ts";
import { SCHEMA_VERSION } from "../../../src/store/sqlite/schema.ts";
import * as rows from "./rows.ts";
import { T0 } from "./rows.ts";

const page = readFileSync(new URL("../../../docs/store.md", import.meta.url), "utf8");
const queries = [...page.matchAll(/^(.+)\n\n```sql\n([^`]+)```/gm)].map(([, title = "", sql = ""]) => ({ title, sql }));

const dir = mkdtempSync(join(tmpdir(), "ligase-store-"));
let db: DatabaseSync;

/** Two runs of a small workflow: align → flagstat; the second has one job more, and one that fails. */
async function fill(): Promise<void> {
  const store = await openStore(dir);
  const bam = { hash: "ab".repeat(32), name: "sorted.bam", path: "/project/.ligase/outputs/sorted.bam" };
  const aligned = rows.value('{"bam":"sorted.bam"}', [bam]);
  const mapped = rows.value("0.99");
  const error = rows.value('"exit code 3"');
  const args = [rows.value('["HG00100"]'), rows.value('["sorted.bam"]'), rows.value('["HG00101"]')];
  const [a = "", f = "", b = ""] = args.map((value) => value.hash);
  const tags = { sample: "HG00100" };
  await store.commit({
    runs: [
      rows.run({ id: "run1", state: "done", endedAt: T0 + 5000 }),
      rows.run({ id: "run2", state: "failed", startedAt: T0 + 9000, endedAt: T0 + 9500, tags }),
    ],
    tasks: [rows.task(), rows.task({ hash: hashText("flagstat"), name: "flagstat" })],
    values: [aligned, mapped, error, ...args],
    jobs: [
      rows.job({ id: "j1", run: "run1", call: "align", argsValue: a, state: "done", endedAt: T0 + 3000 }),
      rows.job({
        id: "j2",
        run: "run1",
        call: "flagstat",
        task: "flagstat",
        argsValue: f,
        state: "done",
        endedAt: T0 + 100,
      }),
      rows.job({ id: "j3", run: "run2", call: "align", argsValue: a, state: "cached", reason: "hit" }),
      rows.job({
        id: "j4",
        run: "run2",
        call: "other",
        argsValue: b,
        state: "failed",
        endedAt: T0 + 9400,
        errorValue: error.hash,
      }),
    ],
    attempts: [
      rows.attempt({
        job: "j1",
        endedAt: T0 + 3000,
        outcome: "done",
        cpuMs: 5000,
        peakMemory: 2 ** 30,
        tools: { bwa: "0.7.17-r1188" },
      }),
      rows.attempt({
        job: "j4",
        endedAt: T0 + 9400,
        outcome: "exit",
        exitCode: 3,
        stderr: "/project/.ligase/logs/j4.err",
        cpuMs: 10,
      }),
    ],
    calls: [
      rows.call({
        key: "align",
        argsValue: a,
        bodyValue: aligned.hash,
        resultValue: aligned.hash,
        job: "j1",
        run: "run1",
      }),
      rows.call({
        key: "flagstat",
        task: "flagstat",
        argsValue: f,
        bodyValue: mapped.hash,
        resultValue: mapped.hash,
        job: "j2",
        run: "run1",
      }),
    ],
    dataEdges: [{ call: "flagstat", argument: "0", from: "align", part: "bam" }],
  });
  await store.close();
}

beforeAll(async () => {
  await fill();
  db = new DatabaseSync(join(dir, "store.db"), { readOnly: true });
});
afterAll(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

describe("docs/store.md", () => {
  it("has at least ten queries", () => {
    expect(queries.length).toBeGreaterThanOrEqual(10);
  });

  it.each(queries)("answers: $title", ({ sql }) => {
    expect(db.prepare(sql).all().length).toBeGreaterThan(0);
  });

  it("explains every column of every table", () => {
    const tables = db
      .prepare("select name from sqlite_master where type = 'table'")
      .all()
      .map((row) => String(row["name"]));
    const sections = page.split(/^### /m).slice(1);
    for (const table of tables) {
      const section = sections.find((text) =>
        text
          .split("\n", 1)[0]
          ?.split(/,? and |, /)
          .includes(table),
      );
      expect(section, `a section on ${table}`).toBeDefined();
      const named = new Set([...(section ?? "").matchAll(/`([a-z_\d]+)`/g)].map((match) => match[1]));
      for (const { name } of db.prepare(`select name from pragma_table_info('${table}')`).all()) {
        expect(named, `${table}.${String(name)}`).toContain(name);
      }
    }
  });

  it("names the version of the schema", () => {
    expect(page).toContain(`(\`pragma user_version\`, now ${SCHEMA_VERSION})`);
  });

  it("names every error that the store raises, and the crash points", () => {
    const sources = ["create", "errors", "network", "open", "row", "thread-writer", "value-texts", "connection"]
      .map((name) => readFileSync(new URL(`../../../src/store/sqlite/${name}.ts`, import.meta.url), "utf8"))
      .join("\n");
    const codes = new Set(sources.match(/LIGASE_E_[A-Z_]+/g));
    expect(codes.size).toBeGreaterThan(5);
    for (const code of codes) expect(page).toContain(code);
    for (const [, point = ""] of sources.matchAll(/crashPoint\("([^"]+)"\)/g)) expect(page).toContain(point);
  });
});
