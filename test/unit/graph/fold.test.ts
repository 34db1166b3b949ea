import { describe, expect, it } from "vitest";
import { fold } from "../../../src/graph/run/fold.ts";
import type { CallCount, JobState, TaskFlow } from "../../../src/store/types.ts";

const called = (
  parent: string | null,
  task: string,
  jobs = 1,
  state: JobState = "done",
  parentState: JobState = "done",
): CallCount => ({ parent, parentState: parent === null ? null : parentState, task, state, jobs });

const flow = (from: string, to: string, part = "", argument = "0", count = 1): TaskFlow => ({
  from,
  to,
  part,
  argument,
  count,
});

describe("fold", () => {
  it("counts by task and state, whoever called", () => {
    const { tasks, calls } = fold(
      [
        called(null, "main"),
        called("main", "align", 3),
        called("other", "align", 2),
        called("main", "align", 1, "failed"),
      ],
      [],
    );
    expect(Object.fromEntries(tasks)).toEqual({ main: { done: 1 }, align: { done: 5, failed: 1 } });
    expect(calls).toEqual([
      { parent: null, task: "main", jobs: 1 },
      { parent: "main", task: "align", jobs: 4 },
      { parent: "other", task: "align", jobs: 2 },
    ]);
  });

  it("leaves out lifts, and scripts but those that are the run themselves", () => {
    const { tasks } = fold([called(null, "main"), called("main", "lift:1"), called("main", "script")], []);
    expect([...tasks.keys()]).toEqual(["main"]);
    expect([...fold([called(null, "script")], []).tasks.keys()]).toEqual(["script"]);
  });

  it("lets a task go the way of its script", () => {
    const { tasks } = fold(
      [
        called("main", "align", 5, "cached"),
        called("main", "align", 2, "failed"),
        called("align", "script", 3, "cached", "cached"),
        called("align", "script", 2, "done", "cached"),
        called("align", "script", 2, "failed", "failed"),
      ],
      [],
    );
    expect(tasks.get("align")).toEqual({ cached: 3, done: 2, failed: 2 });
  });

  it("keeps a body that ran, though its script did not have to", () => {
    const counts = [called("main", "align", 2), called("align", "script", 2, "cached", "done")];
    expect(fold(counts, []).tasks.get("align")).toEqual({ done: 2 });
  });

  it("follows what flows through lifts, also through several", () => {
    const flows = [
      flow("a", "lift:1", "bam"),
      flow("lift:1", "lift:2", "n"),
      flow("lift:2", "b", "", "1", 7),
      flow("lift:1", "c", "x", "2", 3),
      flow("a", "lift:unused"),
    ];
    expect(fold([], flows).flows).toEqual([flow("a", "c", "bam", "2", 3), flow("a", "b", "bam", "1", 7)]);
  });

  it("ends where lifts go in a circle", () => {
    const flows = [flow("a", "lift:1"), flow("lift:1", "lift:2"), flow("lift:2", "lift:1"), flow("lift:2", "b")];
    expect(fold([], flows).flows).toEqual([flow("a", "b")]);
  });

  it("takes what flows to a script, or from it, as its task's", () => {
    const counts = [called(null, "main"), called("main", "index"), called("main", "script"), called("main", "parse")];
    expect(fold(counts, [flow("index", "script", "fai"), flow("script", "parse", "table")]).flows).toEqual([
      flow("index", "main", "fai"),
      flow("main", "parse", "table"),
    ]);
  });
});
