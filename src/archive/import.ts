import { createReadStream, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { type Fingerprints, nameOf } from "../files/index.ts";
import { crashPoint, type Hash, hashText, isId } from "../kernel/index.ts";
import { locate, type ProjectRecord } from "../record/index.ts";
import type { CallRow, ValueFile, ValueRow, WriteBatch } from "../store/types.ts";
import { fingerprintsOf } from "./fingerprints-of.ts";
import { damaged, type Manifest, unsafe } from "./format.ts";
import { areIntact } from "./intact.ts";
import { openArchive } from "./open.ts";
import { putInPlace } from "./put-in-place.ts";
import { readLine, type TableRow } from "./row-lines.ts";
import { isStorePlace } from "./safe-path.ts";
import { Staging } from "./staging.ts";
import { withFiles } from "./value-texts.ts";

/** What an import did. */
export interface Imported {
  readonly manifest: Manifest;
  /** Files that are in the store now and were not before. */
  readonly files: number;
  /** Calls whose result was here already: it was kept. */
  readonly kept: number;
  /** Those of them whose result in the archive is another one. */
  readonly different: number;
}

/** Who wants to hear what while an archive is read. */
export interface ImportHooks {
  /** Hears how many more bytes of files were unpacked. */
  readonly onBytes?: (bytes: number) => void;
}

/** So many rows go into one commit. */
const AT_ONCE = 2000;

/**
 * Takes a run from an archive into a store, so that what it computed is found there. Everything is checked before
 * anything is recorded; then files come first and rows last, so that the store is whole at any moment. What the store
 * has of a call, and is intact, is kept. Importing again changes nothing.
 *
 * @param name - of the archive, for messages
 * @throws LigaseError `LIGASE_E_NOT_AN_ARCHIVE`, `LIGASE_E_ARCHIVE_NEWER`, `LIGASE_E_ARCHIVE_DAMAGED`,
 * `LIGASE_E_ARCHIVE_UNSAFE`; `LIGASE_E_DISK_FULL` and others of the disk
 * @example
 * ```ts
 * const { manifest } = await importArchive(project, createReadStream("main.ligase.tar.gz"), "main.ligase.tar.gz");
 * ```
 */
export async function importArchive(
  record: ProjectRecord,
  source: Readable,
  name: string,
  hooks: ImportHooks = {},
): Promise<Imported> {
  const { store } = record;
  const archive = await openArchive(source, name);
  const staging = await Staging.unpack(archive, record.storeDir, hooks.onBytes ?? (() => {}));
  const fingerprints = fingerprintsOf(store);
  try {
    const { manifest } = archive;
    const rows = (): AsyncGenerator<TableRow> => rowsOf(staging, name);
    const traces = await checkRows(rows(), manifest, name);
    const code = codeValues(staging, manifest);
    const held = await heldCalls(rows(), record, fingerprints);
    crashPoint("archive.import.checked");
    const files = await putInPlace(staging, manifest, record.storeDir, (unit) => !held.calls.has(unit), fingerprints);
    crashPoint("archive.import.placed");
    await recordAll(rows(), code, { run: manifest.run.id, record, fingerprints, traces, held: held.calls });
    return { manifest, files, kept: held.calls.size, different: held.different };
  } finally {
    staging.remove();
    await fingerprints.close();
  }
}

async function* rowsOf(staging: Staging, name: string): AsyncGenerator<TableRow> {
  const file = createReadStream(staging.rows);
  for await (const line of createInterface({ input: file, crlfDelay: Infinity })) yield readLine(line, name);
}

/** Looks at every row before any is recorded. Answers which values are traces. */
async function checkRows(rows: AsyncGenerator<TableRow>, { run }: Manifest, name: string): Promise<ReadonlySet<Hash>> {
  const traces = new Set<Hash>();
  const texts = new Map<Hash, string>();
  let runs = 0;
  for await (const { table, row } of rows) {
    if (table === "values" && /ligase:/.test(row.text)) texts.set(row.hash, row.text);
    if (table === "calls" && row.bodyKind === "trace") traces.add(row.bodyValue);
    if (table === "jobs" && row.run !== run.id) throw damaged(name, "a job in it is of another run");
    if (table === "runs" && (row.id !== run.id || !isId(row.id) || runs++ > 0)) {
      throw damaged(name, "it holds another run than it says");
    }
  }
  if (runs === 0) throw damaged(name, "its run is not in it");
  for (const [hash, text] of texts) {
    withFiles(text, traces.has(hash), ({ path }) => {
      if (path.startsWith("ligase:") && !isStorePlace(path.slice("ligase:".length))) throw unsafe(name, path);
    });
  }
  return traces;
}

/** The texts of the modules as values: that is how a store has them. */
function codeValues(staging: Staging, { code }: Manifest): ValueRow[] {
  return code.map(({ member }) => {
    const text = JSON.stringify(readFileSync(staging.moduleAt(member), "utf8"));
    return { hash: hashText(text), text };
  });
}

/** Calls of the archive that the store has as well, with all their files: these stay as they are. */
async function heldCalls(
  rows: AsyncGenerator<TableRow>,
  record: ProjectRecord,
  fingerprints: Fingerprints,
): Promise<{ calls: ReadonlySet<Hash>; different: number }> {
  const calls = new Set<Hash>();
  let different = 0;
  const look = async (some: readonly CallRow[]): Promise<void> => {
    const found = await record.store.findCalls(some.map((call) => call.key));
    for (const call of some) {
      const here = found.get(call.key);
      if (!here || (here.resultValue === null && call.resultValue !== null)) continue;
      const { bodyText, bodyKind, resultText } = here;
      const intact =
        (await areIntact(bodyText, bodyKind === "trace", record, fingerprints)) &&
        (resultText === null || (await areIntact(resultText, false, record, fingerprints)));
      if (!intact) continue;
      calls.add(call.key);
      if (here.bodyValue !== call.bodyValue && bodyKind !== "trace") different++;
    }
  };
  for await (const some of chunked(rows)) {
    await look(some.flatMap(({ table, row }) => (table === "calls" ? [row] : [])));
  }
  return { calls, different };
}

async function* chunked(rows: AsyncGenerator<TableRow>): AsyncGenerator<readonly TableRow[]> {
  let some: TableRow[] = [];
  for await (const row of rows) {
    some.push(row);
    if (some.length < AT_ONCE) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** What recording needs to know. */
interface Recording {
  readonly run: string;
  readonly record: ProjectRecord;
  readonly fingerprints: Fingerprints;
  readonly traces: ReadonlySet<Hash>;
  readonly held: ReadonlySet<Hash>;
}

async function recordAll(
  rows: AsyncGenerator<TableRow>,
  code: readonly ValueRow[],
  recording: Recording,
): Promise<void> {
  const { store } = recording.record;
  if (code.length > 0) await store.commit({ values: [...code] });
  // The run appears whole, with all its jobs: one whose jobs came bit by bit would seem to be another.
  const last: TableRow[] = [];
  const known = await store.getRun(recording.run);
  for await (const some of chunked(rows)) {
    const [run, others] = [some.filter(isOfRun), some.filter((row) => !isOfRun(row))];
    if (!known) last.push(...run);
    await store.commit(await batchOf(others, recording));
    crashPoint("archive.import.rows");
  }
  if (last.length > 0) await store.commit(await batchOf(last, recording));
}

/** Does a row belong to one run, and to no other? */
function isOfRun({ table }: TableRow): boolean {
  return table === "runs" || table === "jobs" || table === "attempts";
}

async function batchOf(some: readonly TableRow[], recording: Recording): Promise<WriteBatch> {
  const batch: Record<string, unknown[]> = {};
  const values: ValueRow[] = [];
  for (const { table, row } of some) {
    if (table === "values") values.push(row);
    else if (table !== "calls" || !recording.held.has(row.key)) (batch[table] ??= []).push(row);
  }
  // The rows of each table are of its type: `readLine` has looked at every field.
  return { ...(batch as WriteBatch), values: await valuesOf(values, recording) };
}

/** Values as this store has them: one whose files are here keeps its places, and every place is known in which they were. */
async function valuesOf(values: readonly ValueRow[], { record, fingerprints, traces }: Recording): Promise<ValueRow[]> {
  const here = await record.store.findValues(values.map((value) => value.hash));
  const read: ValueRow[] = [];
  for (const { hash, text } of values) {
    const trace = traces.has(hash);
    const files: ValueFile[] = [];
    // A trace is no value of the user's: its result is one of its own.
    if (!trace) {
      withFiles(text, false, ({ path, hash: content }) => {
        if (content !== undefined) files.push({ hash: content, name: nameOf(path), path: locate(path, record) });
      });
    }
    const known = here.get(hash);
    const stays = known !== undefined && known !== text && (await areIntact(known, trace, record, fingerprints));
    read.push({ hash, text: stays ? known : text, ...(files.length > 0 && { files }) });
  }
  return read;
}
