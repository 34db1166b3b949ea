import { expect, test } from "vitest";
import { tell } from "../docs/story.ts";
import { describeWith } from "../support/needs.ts";

describeWith({ programs: ["python3"] })("the page about Python in TypeScript workflows", () => {
  test("does what it says", async () => {
    const { commands, deviations } = await tell("docs/python-tasks.md", "shell");
    expect(deviations).toEqual([]);
    expect(commands).toBeGreaterThan(3);
  });
});
