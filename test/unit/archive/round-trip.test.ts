import fc from "fast-check";
import { expect, it } from "vitest";
import { gatherRun } from "../../../src/archive/run-rows.ts";
import { archiveOf, emptyRecord, filesIn, fill, RUN, take } from "./stores.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const call = fc.record({
  task: fc.constantFrom("align", "call", "übersicht", "lift:workflow.ts:3"),
  args: text,
  result: fc.oneof(text, fc.constant("x".repeat(70_000))),
  file: fc.option(fc.string({ unit: "binary", maxLength: 2000 }), { nil: undefined }),
  failed: fc.boolean(),
});
const modules = fc.dictionary(
  fc.constantFrom("workflow.ts", "lib/deep/trim.ts", "../shared/x.ts", "with space.ts", "panel.json"),
  text,
);

it("any run comes back as it was: the same rows, the same files, and the same archive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 6 }),
      modules,
      fc.boolean(),
      async (calls, code, gzip) => {
        const [from, to] = [await emptyRecord(), await emptyRecord()];
        await fill(from, calls, code);
        const archive = await archiveOf(from, { gzip });
        await take(to, archive);
        expect((await archiveOf(to, { gzip })).equals(archive)).toBe(true);
        expect(filesIn(to)).toEqual(filesIn(from));
        const [before, after] = [(await gatherRun(from.store, RUN))!, (await gatherRun(to.store, RUN))!];
        // What is only true of this machine stays here.
        const { run, attempts, ...rest } = before;
        const here = { workDir: null, stdout: null, stderr: null, pgid: null, pidStarted: null };
        expect(after).toEqual({
          ...rest,
          run: { ...run, pinned: false },
          attempts: attempts.map((attempt) => ({ ...attempt, ...here })),
        });
        expect(await to.store.findValues(before.values)).toEqual(await from.store.findValues(before.values));
        // A second time nothing changes, and what people did since stays.
        await to.store.pinRun(RUN, true);
        await take(to, archive);
        expect((await to.store.getRun(RUN))?.pinned).toBe(true);
      },
    ),
    { numRuns: 15 },
  );
});

it("inputs that go along lie in the store, by their content", async () => {
  const [from, to] = [await emptyRecord(), await emptyRecord()];
  await fill(from, [{ task: "align", args: "x", result: "y", file: "made", failed: false }], {});
  const archive = await archiveOf(from, { inputs: true });
  expect((await take(to, archive)).files).toBe(2);
  expect(Object.entries(filesIn(to)).filter(([path]) => path.endsWith("/input.txt"))).toEqual([
    [expect.stringMatching(/^outputs\/[0-9a-f]{2}\/[0-9a-f]{40}\/input\.txt$/), "input"],
  ]);
  expect((await archiveOf(to, { inputs: true })).equals(archive)).toBe(true);
});
