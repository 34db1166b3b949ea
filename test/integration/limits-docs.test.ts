import { expect, test } from "vitest";
import { cgroupSupport } from "../../src/executors/process/cgroup/index.ts";
import { tell } from "../docs/story.ts";
import { describeWith } from "../support/needs.ts";

const also = { "control groups that you may make": cgroupSupport().enforced.length === 3 };

describeWith({ also })("the page about isolation and limits", () => {
  test("does what it says", async () => {
    const { commands, deviations } = await tell("docs/limits.md", "shell");
    expect(deviations).toEqual([]);
    expect(commands).toBeGreaterThan(3);
  });
});
