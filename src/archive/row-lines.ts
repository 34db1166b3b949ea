import type { ProgramRow, WriteBatch } from "../store/types.ts";
import { damaged } from "./format.ts";

/** What a field of a row may hold; `?` after it: or null. */
type Kind = "text" | "number" | "boolean" | "record" | "list";
type Shape = Readonly<Record<string, Kind | `${Kind}?`>>;
/** What is said of a table has each field of its rows, and no other. Files in values are found in their texts. */
type Shapes = {
  readonly [T in Exclude<keyof WriteBatch, "fingerprints">]-?: Readonly<
    Record<Exclude<keyof NonNullable<WriteBatch[T]>[number], "files">, Kind | `${Kind}?`>
  >;
};

/** The tables of an archive, in the order in which their rows stand in it and are recorded: what others name comes before them. */
const TABLES = {
  values: { hash: "text", text: "text" },
  programs: { id: "text", entry: "text", createdAt: "number", modules: "list", packages: "list" },
  tasks: {
    hash: "text",
    name: "text",
    file: "text",
    line: "number",
    code: "text",
    doc: "text",
    closure: "record",
    createdAt: "number",
  },
  taskSets: { hash: "text", tasks: "record" },
  recoveries: { key: "text", errorValue: "text", taskSet: "text", createdAt: "number" },
  calls: {
    key: "text",
    task: "text",
    taskHash: "text",
    image: "text",
    argsValue: "text",
    bodyKind: "text",
    bodyValue: "text",
    resultValue: "text?",
    taskSet: "text?",
    createdAt: "number",
    job: "text",
    run: "text",
  },
  callEdges: { parent: "text", child: "text" },
  dataEdges: { call: "text", argument: "text", from: "text", part: "text" },
  jobs: {
    id: "text",
    run: "text",
    parent: "text?",
    call: "text",
    task: "text",
    taskHash: "text",
    argsValue: "text",
    state: "text",
    reason: "text",
    executor: "text",
    createdAt: "number",
    startedAt: "number?",
    endedAt: "number?",
    attempts: "number",
    errorValue: "text?",
    tags: "record?",
  },
  images: {
    digest: "text",
    identity: "text",
    engine: "text",
    definition: "text",
    packages: "record",
    reference: "text?",
    createdAt: "number",
  },
  attempts: {
    job: "text",
    attempt: "number",
    executor: "text",
    host: "text",
    startedAt: "number",
    endedAt: "number?",
    outcome: "text?",
    exitCode: "number?",
    signal: "text?",
    cpu: "number?",
    memory: "number?",
    gpu: "number?",
    disk: "number?",
    wallMs: "number?",
    cpuMs: "number?",
    peakMemory: "number?",
    bytesIn: "number?",
    bytesOut: "number?",
    workDir: "text?",
    stdout: "text?",
    stderr: "text?",
    pgid: "number?",
    pidStarted: "text?",
    errorValue: "text?",
    tools: "record?",
    image: "text?",
    limits: "text?",
  },
  runs: {
    id: "text",
    mode: "text",
    pinned: "boolean",
    task: "text",
    state: "text",
    startedAt: "number",
    endedAt: "number?",
    program: "text?",
    argsValue: "text?",
    resultValue: "text?",
    errorValue: "text?",
    host: "text",
    user: "text",
    pid: "number",
    cwd: "text",
    argv: "list",
    gitCommit: "text?",
    gitDirty: "boolean?",
    ligaseVersion: "text",
    nodeVersion: "text",
    tags: "record",
  },
} as const satisfies Shapes;

/** Fields that archives of version 1 do not have. */
const LATER: ReadonlySet<string> = new Set(["attempts.image", "attempts.limits"]);

/** A table of an archive, named as in a batch. */
export type Table = keyof typeof TABLES;

/** The rows of a table. */
export type RowOf<T extends Table> = NonNullable<WriteBatch[T]>[number];

/** A row with the table that it belongs to. */
export type TableRow = { [T in Table]: { readonly table: T; readonly row: RowOf<T> } }[Table];

/** Words that a field may hold, where those are few. */
const WORDS: Readonly<Record<string, ReadonlySet<unknown>>> = {
  "calls.bodyKind": new Set(["value", "expr", "trace"]),
  "jobs.state": new Set(["done", "cached", "failed", "cancelled"]),
  "runs.state": new Set(["done", "failed", "cancelled", "interrupted"]),
  "runs.mode": new Set(["normal", "sample", "stub"]),
};

/** Writes a row as a line: its fields in the order of the table's, so that equal rows are equal lines. */
export function lineOf<T extends Table>(table: T, row: RowOf<T>): string {
  const fields: Readonly<Record<string, unknown>> = { ...row };
  const ordered = Object.keys(TABLES[table]).map((field) => [field, fields[field] ?? null]);
  return `${JSON.stringify([table, Object.fromEntries(ordered)])}\n`;
}

/**
 * Reads a line. What comes of it has just the fields of its table, each of the kind that it must be.
 *
 * @param name - of the archive, for messages
 * @throws LigaseError `LIGASE_E_ARCHIVE_DAMAGED`
 */
export function readLine(line: string, name: string): TableRow {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw damaged(name, "a row in it is no JSON", cause);
  }
  const [table, row] = Array.isArray(json) ? (json as unknown[]) : [];
  if (typeof table !== "string" || !Object.hasOwn(TABLES, table) || typeof row !== "object" || row === null) {
    throw damaged(name, "a row in it is of no table known here");
  }
  const shape: Shape = TABLES[table as Table];
  const fields = Object.entries(shape).map(([field, kind]) => {
    const place = `${table}.${field}`;
    const given: unknown = (row as Record<string, unknown>)[field];
    const value = given === undefined && LATER.has(place) ? null : given;
    const allowed = WORDS[place];
    if (!isOfKind(value, kind) || allowed?.has(value) === false) {
      throw damaged(name, `a row of ${table} in it has no right ${field}`);
    }
    return [field, value] as const;
  });
  const read = Object.fromEntries(fields);
  if (table === "programs" && !isProgram(read)) throw damaged(name, "a row of programs in it is not as it must be");
  if (table === "images" && !isImage(read)) throw damaged(name, "a row of images in it is not as it must be");
  // Every field was just looked at.
  return { table, row: read } as unknown as TableRow;
}

function isOfKind(value: unknown, kind: Shape[string]): boolean {
  if (value === null) return kind.endsWith("?");
  switch (kind.replace("?", "") as Kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "boolean":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value);
    case "record":
      return typeof value === "object" && !Array.isArray(value);
  }
}

function isProgram({ modules, packages }: Readonly<Record<string, unknown>>): boolean {
  const hasText = (item: unknown, ...fields: readonly string[]): boolean =>
    typeof item === "object" &&
    item !== null &&
    fields.every((field) => typeof (item as Record<string, unknown>)[field] === "string");
  const { modules: m, packages: p } = { modules, packages } as Pick<ProgramRow, "modules" | "packages">;
  return m.every((each) => hasText(each, "path", "hash")) && p.every((each) => hasText(each, "name", "version"));
}

function isImage({ packages }: Readonly<Record<string, unknown>>): boolean {
  const isRecord = (value: unknown): value is object =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return (
    isRecord(packages) &&
    Object.values(packages).every(
      (versions: unknown) =>
        isRecord(versions) && Object.values(versions).every((version: unknown) => typeof version === "string"),
    )
  );
}
