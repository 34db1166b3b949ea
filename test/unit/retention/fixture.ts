import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { hashText } from "../../../src/kernel/index.ts";
import type { ProjectRecord } from "../../../src/record/index.ts";
import { openStore, type RunRow, type Store, type WriteBatch } from "../../../src/store/index.ts";
import * as rows from "../store/rows.ts";

/** A `.ligase` folder with a store, and files by hand. */
export interface Fixture {
  readonly record: Pick<ProjectRecord, "root" | "storeDir" | "store">;
  readonly store: Store;
  /** Puts a file there, by its path below `.ligase`. */
  write(path: string, text: string): string;
}

/** A store with its folder that go when the test is over. */
export async function fixture(): Promise<Fixture> {
  const root = await mkdtemp(join(tmpdir(), "ligase-retention-"));
  const storeDir = join(root, ".ligase");
  const store = await openStore(storeDir, { writer: "inline" });
  onTestFinished(async () => {
    await store.close();
    await rm(root, { recursive: true, force: true });
  });
  return {
    record: { root, storeDir, store },
    store,
    write(path, text) {
      const at = join(storeDir, path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, text);
      return at;
    },
  };
}

/** A run that has ended. */
export const ended = (id: string, change: Partial<RunRow> = {}): RunRow =>
  rows.run({ id, state: "done", endedAt: rows.T0 + 9, ...change });

/** The key of a call by a name. */
export const keyOf = (name: string): string => hashText(`call ${name}`);

/** Where the files of a call lie. */
export const outputOf = (name: string): string => `outputs/${keyOf(name).slice(0, 2)}/${keyOf(name)}`;

/** A job of a run whose call left the file `x.bam`. */
export function withFile(name: string, run: string): WriteBatch {
  const text = `{"$":"file","v":{"path":"ligase:${outputOf(name)}/x.bam","hash":"${"ab".repeat(32)}","size":1}}`;
  const result = rows.value(text);
  const made = rows.trivial(name, { run });
  return {
    ...made,
    values: [...made.values, result],
    calls: made.calls.map((call) => ({ ...call, bodyValue: result.hash, resultValue: result.hash })),
  };
}
