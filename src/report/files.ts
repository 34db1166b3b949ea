import { pathFrom } from "../record/path.ts";
import { type StoredFile, storedFiles } from "../record/stored-files.ts";
import { locate, type Places } from "../record/stored-value.ts";
import type { RunRows } from "./read/rows.ts";
import { textsOf } from "./read/values.ts";

/** A file or a folder that a run read or left. */
export interface FileLine {
  /** Relative to the project where it lies in it; a URL for what is elsewhere. */
  readonly path: string;
  readonly isDir: boolean;
  /** SHA-256 of its content; `null` where that was never needed. */
  readonly hash: string | null;
  readonly size: number | null;
  /** Was it handed to people, so that there are links to it? A page that is kept holds none: they end. */
  readonly isOutput: boolean;
}

/** Files, the first of them one by one. */
export interface FileList {
  readonly count: number;
  /** Of those whose size is known. */
  readonly bytes: number;
  readonly files: readonly FileLine[];
}

/** What a run read from outside, and what it gave. */
export interface Files {
  /** Files that jobs received and that no task of the run had made. */
  readonly inputs: FileList;
  /** Files in the run's result, with their sidecars. */
  readonly outputs: FileList;
}

/** So many of each are told one by one. */
const MOST_LISTED = 1000;

/** Finds the files that a run read and left, by what its jobs received and what it gave. */
export async function readFiles({ record, run, jobs }: RunRows): Promise<Files> {
  const given = await filesIn(record, [run.argsValue]);
  const received = await filesIn(record, new Set(jobs.map((job) => job.argsValue)));
  const outputs = await filesIn(record, [run.resultValue]);
  // What a task published is a copy of what it made, wherever it lies.
  const made = new Set(
    [...received.values(), ...outputs.values()].flatMap((file) => (isStored(file) ? (file.hash ?? []) : [])),
  );
  const inputs = [...received].filter(
    ([path, file]) => !isStored(file) && !outputs.has(path) && (file.hash === undefined || !made.has(file.hash)),
  );
  return { inputs: listOf(new Map([...inputs, ...given]), record), outputs: listOf(outputs, record) };
}

const isStored = ({ path }: StoredFile): boolean => path.startsWith("ligase:");

/** The files in stored values, by where they lie. */
async function filesIn(
  { store }: RunRows["record"],
  values: Iterable<string | null>,
): Promise<ReadonlyMap<string, StoredFile>> {
  const files = new Map<string, StoredFile>();
  for await (const [, text] of textsOf(store, values)) {
    for (const file of storedFiles(text)) files.set(file.path, file);
  }
  return files;
}

function listOf(files: ReadonlyMap<string, StoredFile>, places: Places): FileList {
  const lines = [...files.values()].map(({ isDir, path, hash, size, isOutput }) => ({
    path: pathFrom(locate(path, places), places.root),
    isDir,
    hash: hash ?? null,
    size: size ?? null,
    isOutput,
  }));
  return {
    count: lines.length,
    bytes: lines.reduce((sum, { size }) => sum + (size ?? 0), 0),
    files: lines.toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MOST_LISTED),
  };
}
