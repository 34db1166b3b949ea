import { expect, test } from "vitest";
import { tell } from "../docs/story.ts";
import { describeWith } from "../support/needs.ts";

describeWith({ programs: ["bwrap", "mmdebstrap"] })("docs/bodies-in-images.md", () => {
  test("does what it says", async () => {
    const { commands, deviations } = await tell("docs/bodies-in-images.md", "shell");
    expect(deviations).toEqual([]);
    expect(commands).toBe(2);
  });
});
