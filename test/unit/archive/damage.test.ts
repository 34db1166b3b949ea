import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { LigaseError } from "../../../src/kernel/index.ts";
import { archiveOf, emptyRecord, filesIn, fill, take } from "./stores.ts";

const CODES = [
  "LIGASE_E_NOT_AN_ARCHIVE",
  "LIGASE_E_ARCHIVE_DAMAGED",
  "LIGASE_E_ARCHIVE_UNSAFE",
  "LIGASE_E_ARCHIVE_NEWER",
];
const CALLS = ["a", "b"].map((name) => ({
  task: name,
  args: name,
  result: name,
  file: name.repeat(700),
  failed: false,
}));

/** Some hundred places of an archive, the first and last ones among them. */
const places = (length: number): number[] =>
  [...new Set([0, 1, length - 1, ...Array.from({ length: 120 }, (_, i) => Math.floor((i * length) / 120))])].sort(
    (a, b) => a - b,
  );

describe.each([false, true])("an archive, compressed: %s", (gzip) => {
  let whole: Buffer;

  async function attempt(archive: Uint8Array): Promise<string> {
    const record = await emptyRecord();
    try {
      await take(record, archive);
      return "taken";
    } catch (error) {
      expect(await record.store.listRuns()).toEqual([]);
      expect(await record.store.listTasks()).toEqual([]);
      expect(filesIn(record)).toEqual({});
      expect(error).toBeInstanceOf(LigaseError);
      return (error as LigaseError).code;
    }
  }

  it("is taken as it is", async () => {
    const record = await emptyRecord();
    await fill(record, CALLS, { "workflow.ts": "export const main = 1;" });
    whole = await archiveOf(record, { gzip });
    expect(await attempt(whole)).toBe("taken");
  });

  it("is refused, with nothing changed, wherever it ends too early", async () => {
    for (const length of places(whole.length)) expect(CODES).toContain(await attempt(whole.subarray(0, length)));
  });

  it("is refused, with nothing changed, when a byte of a member is another", async () => {
    let refused = 0;
    const all = places(whole.length);
    for (const place of all) {
      const archive = Buffer.from(whole);
      archive[place]! ^= 0x20;
      const answer = await attempt(archive);
      // What fills up the blocks of a tar file says nothing; nor do the times in a header of gzip and some bits of a
      // compressed block.
      if (answer === "taken")
        expect(gzip ? gunzipSync(archive).equals(gunzipSync(whole)) : whole[place] === 0).toBe(true);
      else {
        expect(CODES).toContain(answer);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(all.length / 3);
  });
});
