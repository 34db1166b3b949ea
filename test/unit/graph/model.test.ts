import { describe, expect, it } from "vitest";
import { arrange } from "../../../src/graph/arrange.ts";
import { assemble } from "../../../src/graph/assemble.ts";
import type { Graph, GraphEdge, GraphNode } from "../../../src/graph/model.ts";
import { siblingEdges } from "../../../src/graph/siblings.ts";
import { countsText, flowText, linesOf } from "../../../src/graph/words.ts";

const node = (id: string, group?: string): GraphNode => ({
  id,
  kind: "task",
  label: id,
  ...(group !== undefined && { group }),
});
const data = (from: string, to: string, part = "", parameter = ""): GraphEdge => ({
  from,
  to,
  kind: "data",
  flows: [{ part, parameter }],
  count: 1,
});
const graph = (nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Graph => ({
  title: "main",
  detail: "",
  nodes,
  edges,
});

describe("siblingEdges", () => {
  const nodes = [node("main"), node("a", "main"), node("b", "main"), node("a1", "a"), node("a2", "a"), node("b1", "b")];

  it("runs between the boxes that hold one end each", () => {
    expect(siblingEdges(graph(nodes, [data("a1", "b1", "bam")]))).toEqual([data("a", "b", "bam")]);
    expect(siblingEdges(graph(nodes, [data("a1", "a2")]))).toEqual([data("a1", "a2")]);
    expect(siblingEdges(graph(nodes, [data("a1", "b")]))).toEqual([data("a", "b")]);
  });

  it("is one for two boxes, with all that flows and the sum of the counts", () => {
    const edges = [data("a1", "b1", "bam"), data("a2", "b1", "bai"), data("a1", "b", "bam")];
    expect(siblingEdges(graph(nodes, edges))).toEqual([
      { ...data("a", "b"), flows: [data("a", "b", "bam").flows[0], data("a", "b", "bai").flows[0]], count: 3 },
    ]);
  });

  it("is none between a box and what stands in it, nor of a node to itself", () => {
    expect(siblingEdges(graph(nodes, [data("a", "a1"), data("a2", "main"), data("b", "b")]))).toEqual([]);
  });
});

describe("arrange", () => {
  it("puts what gives before what takes, and what stands in a box behind it", () => {
    const nodes = [node("main"), node("report", "main"), node("align", "main"), node("sort", "align")];
    expect(arrange(graph(nodes, [data("sort", "report")])).nodes.map(({ id }) => id)).toEqual([
      "main",
      "align",
      "sort",
      "report",
    ]);
  });

  it("keeps the order where nothing flows, and all nodes where it goes in a circle", () => {
    const nodes = ["c", "a", "b"].map((id) => node(id));
    expect(arrange(graph(nodes, [])).nodes).toEqual(nodes);
    expect(arrange(graph(nodes, [data("a", "b"), data("b", "a")])).nodes.map(({ id }) => id)).toEqual(["c", "a", "b"]);
  });
});

describe("assemble", () => {
  const parts = {
    title: "main",
    detail: "",
    nodes: ["main", "fib", "publish"].map((id) => node(id)),
    calls: [
      { parent: null, task: "main" },
      { parent: "main", task: "fib" },
      { parent: "fib", task: "fib" },
      { parent: "main", task: "publish" },
      { parent: "fib", task: "publish" },
    ],
    flows: [
      { from: "fib", to: "publish", part: "n", parameter: "value", count: 2 },
      { from: "fib", to: "publish", part: "", parameter: "name" },
    ],
  };

  it("nests what one task calls, and draws the calls that this does not tell", () => {
    expect(assemble(parts, {})).toEqual({
      title: "main",
      detail: "",
      nodes: [node("main"), { ...node("fib", "main"), loops: ["fib"] }, node("publish", "main")],
      edges: [
        {
          from: "fib",
          to: "publish",
          kind: "data",
          flows: [
            { part: "n", parameter: "value" },
            { part: "", parameter: "name" },
          ],
          count: 2,
        },
        { from: "fib", to: "publish", kind: "call", flows: [] },
      ],
    });
  });

  it("draws every call as an edge when asked to", () => {
    const { nodes, edges } = assemble(parts, { calls: true });
    expect(nodes.every(({ group }) => group === undefined)).toBe(true);
    expect(edges.filter(({ kind }) => kind === "call").map(({ from, to }) => [from, to])).toEqual([
      ["main", "fib"],
      ["main", "publish"],
      ["fib", "publish"],
    ]);
    expect(nodes.find(({ id }) => id === "fib")?.loops).toEqual(["fib"]);
  });
});

describe("words", () => {
  it("counts: what needs attention first; of one job its state alone", () => {
    expect(countsText({ done: 1200, failed: 2, cached: 0 })).toBe("2 failed, 1,200 done");
    expect(countsText({ running: 1 })).toBe("running");
  });

  it.each([
    ["bam", "reads", "bam → reads"],
    ["fastq", "fastq", "fastq"],
    ["", "reads", "reads"],
    ["bam", "", "bam"],
    ["", "", ""],
  ])("what flows: %j into %j is %j", (part, parameter, text) => {
    expect(flowText({ part, parameter })).toBe(text);
  });

  it("lines: name, detail, counts, loops but the one that is drawn", () => {
    const all: GraphNode = {
      ...node("odd"),
      detail: "4k2m",
      counts: { done: 2 },
      repeat: ["each", "maybe"],
      loops: ["odd", "even"],
    };
    expect(linesOf(all, true)).toEqual(["odd ×N ?", "4k2m", "2 done", "↻ even"]);
    expect(linesOf(all, false)).toEqual(["odd ×N ?", "4k2m", "2 done", "↻ odd", "↻ even"]);
  });
});
