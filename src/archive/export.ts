import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { crashPoint, type Hash, LigaseError, VERSION } from "../kernel/index.ts";
import type { ProjectRecord } from "../record/index.ts";
import type { JobRow } from "../store/types.ts";
import { fingerprintsOf } from "./fingerprints-of.ts";
import { type Content, type Contents, contentsOf } from "./contents.ts";
import { type ArchiveHead, FORMAT, FORMAT_VERSION, HEAD, MANIFEST, type Manifest, ROWS } from "./format.ts";
import { type Module, modulesOf } from "./modules.ts";
import { lineOf, type Table } from "./row-lines.ts";
import { type FileChoice, RunFiles } from "./run-files.ts";
import { gatherEnded, type RunRows } from "./run-rows.ts";
import { type TarOptions, TarWriter } from "./tar.ts";
import { textsOf, tracesOf, withFiles } from "./value-texts.ts";

/** What goes into an archive. */
export interface ExportOptions {
  /** Which of the files that tasks made. Default: all, for a call whose files are missing runs again. */
  readonly files?: FileChoice;
  /** The files that the run was given, too. */
  readonly inputs?: boolean;
  /** Compress it? Default: unless most of it are files that are compressed already. */
  readonly gzip?: boolean | undefined;
  /** Hears how many more bytes of files were read. */
  readonly onBytes?: (bytes: number) => void;
}

/** An archive that is being written. */
export interface Exporting {
  readonly manifest: Manifest;
  /** Is it compressed? */
  readonly gzip: boolean;
  /** The archive, to be read to its end. */
  readonly stream: Readable;
}

/**
 * Writes a run as an archive, which {@link importArchive} takes into another store: its call graph with all values, the
 * code, and files. The same run gives the same bytes, whichever store it is in.
 *
 * @param write - takes the archive as it comes
 * @throws LigaseError `LIGASE_E_STILL_RUNNING`; `LIGASE_E_FILE_CHANGING` for a file that is being written
 * @example
 * ```ts
 * await exportRun(record, run.id, {}, ({ stream }) => writeAtomically("main.ligase.tar.gz", stream));
 * ```
 */
export async function exportRun(
  record: ProjectRecord,
  run: string,
  options: ExportOptions,
  write: (archive: Exporting) => Promise<void>,
): Promise<Manifest> {
  const { store } = record;
  const rows = await gatherEnded(store, run);
  const fingerprints = fingerprintsOf(store);
  const spool = await mkdtemp(join(tmpdir(), "ligase-export-"));
  try {
    const files = await RunFiles.of(store, rows);
    const chosen = [...files.choose(options.files ?? "all"), ...(options.inputs === true ? files.given : [])];
    const contents = await contentsOf(files, chosen, record, fingerprints);
    const code = await modulesOf(store, rows);
    const lines = await spoolRows(record, rows, contents, new Set(code.map((module) => module.hash)), spool);
    const manifest = describe(rows, contents, code, lines);
    const gzip = options.gzip ?? isWorthwhile(contents, lines);
    await pack(manifest, rows, { code, lines, contents }, { gzip, onBytes: options.onBytes }, write);
    return manifest;
  } finally {
    await fingerprints.close();
    await rm(spool, { recursive: true, force: true });
  }
}

/** The rows as a file: there may be more of them than fit into memory. */
interface Lines {
  readonly from: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly counts: Readonly<Record<string, number>>;
}

async function spoolRows(
  { store }: ProjectRecord,
  rows: RunRows,
  { moved }: Contents,
  inCode: ReadonlySet<Hash>,
  folder: string,
): Promise<Lines> {
  const from = join(folder, ROWS);
  const hash = createHash("sha256");
  const counts: Partial<Record<Table, number>> = {};
  const file = await open(from, "wx");
  try {
    let piece = "";
    const flush = async (): Promise<void> => {
      hash.update(piece);
      await file.write(piece);
      piece = "";
    };
    for await (const [table, line] of linesOf(store, rows, moved, inCode)) {
      counts[table] = (counts[table] ?? 0) + 1;
      piece += line;
      if (piece.length > 1 << 20) await flush();
    }
    await flush();
  } finally {
    await file.close();
  }
  return { from, bytes: (await stat(from)).size, sha256: hash.digest("hex"), counts };
}

async function* linesOf(
  store: ProjectRecord["store"],
  rows: RunRows,
  moved: Contents["moved"],
  inCode: ReadonlySet<Hash>,
): AsyncGenerator<readonly [Table, string]> {
  const traces = tracesOf(rows);
  const values = rows.values.filter((hash) => !inCode.has(hash));
  for await (const [hash, text] of textsOf(store, values)) {
    const portable =
      moved.size === 0
        ? text
        : withFiles(text, traces.has(hash), (file) => void (file.path = moved.get(file.path) ?? file.path));
    yield ["values", lineOf("values", { hash, text: portable })];
  }
  const { run, program } = rows;
  if (program) yield ["programs", lineOf("programs", program)];
  for (const row of rows.tasks) yield ["tasks", lineOf("tasks", row)];
  for (const row of rows.taskSets) yield ["taskSets", lineOf("taskSets", row)];
  for (const row of rows.recoveries) yield ["recoveries", lineOf("recoveries", row)];
  for (const row of rows.calls) yield ["calls", lineOf("calls", row)];
  for (const row of rows.callEdges) yield ["callEdges", lineOf("callEdges", row)];
  for (const row of rows.dataEdges) yield ["dataEdges", lineOf("dataEdges", row)];
  for (const row of rows.images) yield ["images", lineOf("images", row)];
  for (const row of rows.jobs) yield ["jobs", lineOf("jobs", ended(row))];
  // Where work directories, logs and processes were means nothing elsewhere.
  const here = { workDir: null, stdout: null, stderr: null, pgid: null, pidStarted: null };
  for (const row of rows.attempts) yield ["attempts", lineOf("attempts", { ...row, ...here })];
  yield ["runs", lineOf("runs", { ...run, pinned: false })];
}

/** A job of a run that was interrupted has no end of its own. */
function ended(job: JobRow): JobRow {
  return job.state === "pending" || job.state === "running" ? { ...job, state: "cancelled" } : job;
}

function describe({ run }: RunRows, contents: Contents, code: readonly Module[], lines: Lines): Manifest {
  const { id, task, state, startedAt, endedAt, user, host, argv, tags } = run;
  return {
    format: FORMAT_VERSION,
    ligase: VERSION,
    run: { id, task, state, startedAt, endedAt, user, host, argv, tags },
    rows: lines.counts,
    code: code.map(({ path, member }) => ({ path, member })),
    folders: contents.folders,
    links: contents.links,
    absent: contents.absent,
    members: [
      { path: ROWS, bytes: lines.bytes, sha256: lines.sha256 },
      ...code.map(({ member, bytes }) => ({ path: member, bytes: bytes.length, sha256: sha256(bytes) })),
      ...contents.files.map(({ path, bytes, sha256, executable }) => ({
        path,
        bytes,
        sha256,
        ...(executable === true && { executable }),
      })),
    ],
  };
}

/** Compressed already: gzip takes five times as long as reading and hashing them, and gains nothing. */
const COMPRESSED = /\.(?:bam|bcf|bgz|bigwig|bw|bz2|cram|gz|h5|jpe?g|parquet|pdf|png|sra|xz|zip|zst)$/i;

/** Is it worthwhile to compress an archive? */
function isWorthwhile({ files }: Contents, lines: Lines): boolean {
  const sum = (some: readonly Content[]): number => some.reduce((bytes, file) => bytes + file.bytes, 0);
  const compressed = sum(files.filter((file) => COMPRESSED.test(file.path)));
  return compressed <= lines.bytes + sum(files) - compressed;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

async function pack(
  manifest: Manifest,
  { run }: RunRows,
  { code, lines, contents }: { code: readonly Module[]; lines: Lines; contents: Contents },
  options: TarOptions,
  write: (archive: Exporting) => Promise<void>,
): Promise<void> {
  const tar = new TarWriter(run.endedAt ?? run.startedAt, options);
  const text = (path: string, json: unknown) => ({ path, content: Buffer.from(`${JSON.stringify(json, null, 1)}\n`) });
  const manifestFile = text(MANIFEST, manifest);
  const head: ArchiveHead = {
    format: FORMAT,
    version: FORMAT_VERSION,
    manifest: { bytes: manifestFile.content.length, sha256: sha256(manifestFile.content) },
  };
  const fill = async (): Promise<void> => {
    try {
      for (const { path, content } of [text(HEAD, head), manifestFile]) {
        await tar.add({ path, bytes: content.length, content });
      }
      await tar.add({ path: ROWS, bytes: lines.bytes, content: createReadStream(lines.from) });
      for (const { member, bytes } of code) await tar.add({ path: member, bytes: bytes.length, content: bytes });
      for (const file of contents.files) await addFile(tar, file);
      tar.end();
    } catch (error) {
      tar.fail(error);
      throw error;
    }
  };
  // What is wrong with a file is told by what reads it, not by the stream that ends early.
  const [filled, written] = await Promise.allSettled([
    fill(),
    write({ manifest, gzip: options.gzip, stream: tar.stream }),
  ]);
  if (filled.status === "rejected" && filled.reason instanceof LigaseError) throw filled.reason;
  if (written.status === "rejected") throw written.reason;
  if (filled.status === "rejected") throw filled.reason;
}

/** Adds a file, which must be what it was when it was last looked at: the manifest has its hash already. */
async function addFile(tar: TarWriter, file: Content): Promise<void> {
  const changing = (cause?: unknown): LigaseError =>
    new LigaseError("LIGASE_E_FILE_CHANGING", `${file.from} changed while it was read`, {
      facts: { path: file.from },
      mend: "wait until nothing writes to it, and export again",
      cause,
    });
  let written: string;
  crashPoint("archive.export.file");
  try {
    written = await tar.add({ ...file, content: createReadStream(file.from) });
  } catch (error) {
    throw error instanceof Error && /exceeds given size|Size mismatch/.test(error.message) ? changing(error) : error;
  }
  if (written !== file.sha256) throw changing();
}
