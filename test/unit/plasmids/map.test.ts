import { describe, expect, test } from "vitest";
import { drawMap } from "../../../examples/plasmid-embeddings/lib/map.ts";
import type { Feature, Plasmid } from "../../../examples/plasmid-embeddings/lib/records.ts";

const gene = (label: string, start: number, end: number, strand: 1 | -1 = 1): Feature => ({
  kind: "CDS",
  label,
  location: { parts: [{ start, end }], strand },
});
const plasmid = (features: readonly Feature[], more: Partial<Plasmid> = {}): Plasmid => ({
  id: "pTest",
  description: "a <test> & more",
  circular: true,
  features,
  sequence: "ACGT".repeat(250),
  ...more,
});

describe("a plasmid map", () => {
  test("has the names of its features, and no mark-up of theirs", () => {
    const svg = drawMap(plasmid([gene("bla", 10, 300), gene("<script>alert(1)</script>", 400, 700, -1)]));
    expect(svg).toContain(">bla<");
    expect(svg).not.toContain("<script");
    expect(svg).toContain("1,000 bp, circular");
    expect(svg).toContain("50.0 % GC");
    expect(svg).not.toContain("NaN");
  });

  test("leaves out what covers everything", () => {
    expect(drawMap(plasmid([gene("all", 1, 1000)]))).not.toContain(">all<");
  });

  test("names never overlap, however many there are at one place", () => {
    const svg = drawMap(plasmid(Array.from({ length: 30 }, (_, i) => gene(`gene${i}`, 100 + i, 101 + i))));
    const ys = [...svg.matchAll(/<text x="[\d.]+" y="([\d.]+)" fill="#2f855a"/g)].map(([, y]) => Number(y));
    expect(ys).toHaveLength(30);
    ys.sort((a, b) => a - b);
    for (let i = 1; i < ys.length; i++) expect(ys[i]! - ys[i - 1]!).toBeGreaterThan(10);
  });

  test("an empty sequence has a map too", () => {
    expect(drawMap(plasmid([], { sequence: "", circular: false }))).not.toMatch(/NaN|Infinity/);
  });
});
