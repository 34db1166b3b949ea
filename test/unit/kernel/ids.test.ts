import { describe, expect, it } from "vitest";
import { isId, newId } from "../../../src/kernel/index.ts";

describe("newId", () => {
  it("makes ids of 13 characters that are all different", () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{13}$/);
  });

  it("is known by isId, and so is every prefix", () => {
    const id = newId();
    for (let length = 1; length <= id.length; length++) expect(isId(id.slice(0, length))).toBe(true);
    for (const text of ["", `${id}0`, "ILOU", "main", "a b", "../x"]) expect(isId(text)).toBe(false);
  });
});
