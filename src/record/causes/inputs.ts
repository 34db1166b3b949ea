import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ownerOf, SCRIPT } from "../../project/owner.ts";
import type { JobRow } from "../../store/types.ts";
import { type StoredFile, storedFiles } from "../stored-files.ts";
import { makerOf } from "../maker.ts";
import type { ProjectRecord } from "../open.ts";
import { parameterNames } from "../parameter-names.ts";
import { locate } from "../stored-value.ts";
import type { InputFile } from "./types.ts";

/** So many inputs are looked at. */
const MOST_INPUTS = 200;
/** A compressed file in which nothing stands is no longer than this. */
const LARGEST_EMPTY = 128;
/** So far up is looked for the job that began it. */
const MOST_STEPS = 20;

/** What a job was given: its arguments, and the texts in them that end in a carriage return. */
export interface Inputs {
  readonly files: readonly InputFile[];
  readonly carriageReturns: readonly string[];
}

/** The inputs of a failed job; of a script also those of the task that built it, by the names they have there. */
export async function inputsOf(record: ProjectRecord, job: JobRow): Promise<Inputs> {
  const { store } = record;
  const owner = await ownerOf(store, job);
  const files = new Map<string, StoredFile>();
  const carriageReturns: string[] = [];
  for (const each of owner.id === job.id ? [job] : [owner, job]) {
    const text = (await store.findValues([each.argsValue])).get(each.argsValue);
    if (text === undefined) continue;
    // Where a file stands in a script's gaps tells people nothing.
    const isScript = each.task === SCRIPT;
    const names = isScript ? [] : await parameterNames((await store.getTask(each.taskHash))?.code ?? "");
    for (const file of storedFiles(text, names)) {
      if (!files.has(file.path)) files.set(file.path, isScript ? { ...file, at: "" } : file);
    }
    if (!isScript) carriageReturns.push(...returnsIn(text, names));
  }
  const found: InputFile[] = [];
  for (const file of [...files.values()].slice(0, MOST_INPUTS)) {
    const empty = isEmpty(record, file);
    const madeBy = await firstMaker(record, file, empty);
    found.push({ at: file.at, name: file.name, empty, madeBy });
  }
  return { files: found, carriageReturns };
}

function returnsIn(args: string, names: readonly string[]): string[] {
  if (!args.includes('\\r"')) return [];
  const found: string[] = [];
  const look = (value: unknown, at: string): void => {
    if (typeof value === "string" && value.endsWith("\r")) found.push(at);
    else if (typeof value === "object" && value !== null) {
      for (const [key, part] of Object.entries(value))
        look(part, at === "" ? (names[Number(key)] ?? key) : `${at}.${key}`);
    }
  };
  look(JSON.parse(args), "");
  return found;
}

/** Does nothing stand in it, decompressed if need be? */
function isEmpty(record: ProjectRecord, { path, size, isDir }: Pick<StoredFile, "path" | "size" | "isDir">): boolean {
  if (isDir || size === undefined || size > LARGEST_EMPTY) return false;
  if (size === 0) return true;
  try {
    const bytes = readFileSync(locate(path, record));
    return bytes[0] === 0x1f && bytes[1] === 0x8b && gunzipSync(bytes).length === 0;
  } catch {
    return false; // gone, or damaged, which is another matter
  }
}

/** The job that made a file; of an empty one the first that made an empty file of one that was not. */
async function firstMaker(record: ProjectRecord, file: StoredFile, empty: boolean): Promise<InputFile["madeBy"]> {
  let maker = await makerOf(record.store, file.path);
  for (let steps = 0; maker && empty && steps < MOST_STEPS; steps++) {
    const above = await emptyAbove(record, maker);
    if (!above) break;
    maker = above;
  }
  if (!maker) return undefined;
  const owner = await ownerOf(record.store, maker);
  return { job: owner.id, task: owner.task };
}

async function emptyAbove(record: ProjectRecord, { argsValue }: JobRow): Promise<JobRow | undefined> {
  const { store } = record;
  const text = (await store.findValues([argsValue])).get(argsValue);
  if (text === undefined) return undefined;
  for (const file of storedFiles(text)) {
    const maker = isEmpty(record, file) ? await makerOf(store, file.path) : undefined;
    if (maker) return maker;
  }
  return undefined;
}
