/** Stores with a run in them, made by hand: what archives are made of and taken into. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { exportRun, type ExportOptions, importArchive, type Imported } from "../../../src/archive/index.ts";
import { hashText } from "../../../src/kernel/index.ts";
import type { ProjectRecord } from "../../../src/record/index.ts";
import { openStore, type WriteBatch } from "../../../src/store/index.ts";
import * as rows from "../store/rows.ts";
import { T0 } from "../store/rows.ts";

/** A project of its own; it goes when the test is over. */
export async function emptyRecord(): Promise<ProjectRecord> {
  const root = mkdtempSync(join(tmpdir(), "ligase-archive-"));
  const storeDir = join(root, ".ligase");
  const store = await openStore(storeDir, { writer: "inline" });
  onTestFinished(async () => {
    await store.close();
    rmSync(root, { recursive: true, force: true });
  });
  return { root, storeDir, store };
}

/** What a call of a made-up run takes and leaves. */
export interface MadeCall {
  readonly task: string;
  readonly args: string;
  readonly result: string;
  /** The content of a file that it leaves. */
  readonly file: string | undefined;
  readonly failed: boolean;
}

export const RUN = "rn00000000001";

/** Records a run with these calls, and one module for each text. */
export async function fill(
  { root, storeDir, store }: ProjectRecord,
  calls: readonly MadeCall[],
  modules: Readonly<Record<string, string>>,
): Promise<void> {
  const texts = Object.entries(modules).map(([path, text]) => ({ path, value: rows.value(JSON.stringify(text)) }));
  writeFileSync(join(root, "input.txt"), "input");
  const input = writtenFile("./input.txt", "input");
  const batches = calls.map((call, i): WriteBatch => {
    const key = hashText(`call ${i}`);
    const place = `outputs/${key.slice(0, 2)}/${key}/made.txt`;
    if (call.file !== undefined && !call.failed) {
      mkdirSync(dirname(join(storeDir, place)), { recursive: true });
      writeFileSync(join(storeDir, place), call.file);
    }
    const made = call.file === undefined ? "null" : writtenFile(`ligase:${place}`, call.file);
    const result = rows.value(`{"made":${made},"value":${JSON.stringify(call.result)}}`);
    const args = rows.value(`[${input},${JSON.stringify(call.args)}]`);
    const error = rows.value(JSON.stringify(`failed ${call.args}`));
    const taskHash = hashText(`task ${call.task}`);
    const set = { hash: hashText(`set ${call.task}`), tasks: { [call.task]: taskHash } };
    const common = { run: RUN, task: call.task, taskHash, argsValue: args.hash };
    return {
      values: [args, ...(call.failed ? [error] : [result])],
      tasks: [rows.task({ hash: taskHash, name: call.task })],
      taskSets: [set],
      jobs: [
        rows.job({
          ...common,
          id: `job${String(i).padStart(10, "0")}`,
          call: key,
          state: call.failed ? "failed" : "done",
          endedAt: T0 + i,
          errorValue: call.failed ? error.hash : null,
        }),
      ],
      attempts: [
        rows.attempt({
          job: `job${String(i).padStart(10, "0")}`,
          stderr: "/home/ada/log",
          workDir: "/home/ada/w",
          image: i % 2 === 0 ? rows.image().digest : null,
          limits: i % 2 === 0 ? "memory cpu" : null,
        }),
      ],
      ...(!call.failed && {
        calls: [
          rows.call({
            ...common,
            key,
            bodyValue: result.hash,
            resultValue: result.hash,
            taskSet: set.hash,
            job: `job${String(i).padStart(10, "0")}`,
          }),
        ],
        callEdges: i === 0 ? [] : [{ parent: hashText("call 0"), child: key }],
        dataEdges: i === 0 ? [] : [{ call: key, argument: "0", from: hashText("call 0"), part: "made" }],
      }),
      recoveries: call.failed
        ? [{ key: hashText(`attempt ${i}`), errorValue: error.hash, taskSet: set.hash, createdAt: T0 }]
        : [],
    };
  });
  await store.commit(
    rows.together([
      ...batches,
      {
        values: texts.map(({ value }) => value),
        programs: [
          rows.program({
            id: hashText("program"),
            modules: texts.map(({ path, value }) => ({ path, hash: value.hash })),
          }),
        ],
        // One that nothing ran in, which stays at home, as every secret does.
        images: [rows.image(), rows.image({ digest: "sha256:other" })],
        runs: [rows.run({ id: RUN, state: "done", endedAt: T0 + 1000, program: hashText("program"), pinned: true })],
      },
    ]),
  );
}

function writtenFile(path: string, content: string): string {
  const hash = createHash("sha256").update(content).digest("hex");
  return `{"$":"file","v":${JSON.stringify({ hash, path, size: Buffer.byteLength(content) })}}`;
}

/** The archive of the run. */
export async function archiveOf(record: ProjectRecord, options: ExportOptions = {}): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  await exportRun(record, RUN, options, async ({ stream }) => {
    bytes = await buffer(stream);
  });
  return bytes;
}

/** Takes an archive into a store. */
export function take(record: ProjectRecord, archive: Uint8Array): Promise<Imported> {
  return importArchive(record, Readable.from([Buffer.from(archive)], { objectMode: false }), "test.tar");
}

/** Every file below a store but the database, with its content. */
export function filesIn({ storeDir }: ProjectRecord): Record<string, string> {
  const files = readdirSync(storeDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes("store.db"))
      .sort()
      .map((path) => [path.slice(storeDir.length + 1), readFileSync(path, "latin1")]),
  );
}
