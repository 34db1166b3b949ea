import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphDot } from "../../../src/graph/dot.ts";
import { graphMermaid } from "../../../src/graph/mermaid.ts";
import type { Graph, GraphNode } from "../../../src/graph/model.ts";
import { graphSvg } from "../../../src/graph/svg/svg.ts";
import { columnsOf } from "../../../src/kernel/index.ts";

/** A run with everything in it: boxes, loops, all kinds of nodes and edges. */
const RUN: Graph = {
  title: "main",
  detail: "run 7k2m9qxy, failed, 78 jobs",
  nodes: [
    { id: "main", kind: "task", label: "main", counts: { failed: 1 } },
    { id: "in", kind: "input", label: "samples.csv", detail: "input", group: "main" },
    { id: "align", kind: "task", label: "align", counts: { done: 72, failed: 2 }, group: "main" },
    { id: "job", kind: "job", label: "HG00100", detail: "x7kkk6km", counts: { done: 1 }, group: "align" },
    { id: "more", kind: "more", label: "… and 73 more", counts: { done: 71, failed: 2 }, group: "align" },
    { id: "fib", kind: "task", label: "fib", counts: { cached: 3 }, group: "main", loops: ["fib", "main"] },
    { id: "step", kind: "unknown", label: "step(…)", group: "main", repeat: ["each", "maybe"] },
  ],
  edges: [
    { from: "in", to: "align", kind: "data", flows: [] },
    {
      from: "align",
      to: "fib",
      kind: "data",
      flows: [
        { part: "bam", parameter: "reads" },
        { part: "n", parameter: "n" },
      ],
      count: 72,
    },
    { from: "step", to: "fib", kind: "call", flows: [] },
    { from: "job", to: "main", kind: "data", flows: [] },
  ],
};

const one = (label: string, more: Partial<GraphNode> = {}): Graph => ({
  title: label,
  detail: label,
  nodes: [
    { id: label, kind: "task", label, ...more },
    { id: `${label} `, kind: "task", label },
  ],
  edges: [{ from: label, to: `${label} `, kind: "data", flows: [{ part: label, parameter: "p" }] }],
});

describe("graphDot", () => {
  it("writes boxes as clusters, and edges to their sides", () => {
    expect(graphDot(RUN)).toBe(`digraph "main" {
  graph [compound=true, fontname="sans-serif", label="main\\nrun 7k2m9qxy, failed, 78 jobs", labelloc=t, fontsize=11, color="#8b949e"];
  node [shape=box, style="rounded,filled", fillcolor=white, color="#8b949e", fontname="sans-serif", fontsize=11];
  edge [color="#6b7783", fontname="sans-serif", fontsize=9];
  subgraph cluster_n0 {
    graph [label="main\\nfailed", style="rounded,filled", fillcolor="#f6f8fa", color="#c01c28", penwidth=1.5];
    n1 [label="samples.csv\\ninput", shape=note, style=filled];
    subgraph cluster_n2 {
      graph [label="align\\n2 failed, 72 done", style="rounded,filled", fillcolor="#f6f8fa", color="#c01c28", penwidth=1.5];
      n3 [label="HG00100\\nx7kkk6km\\ndone"];
      n4 [label="… and 73 more\\n2 failed, 71 done", style="rounded,dashed"];
    }
    n5 [label="fib\\n3 cached\\n↻ main"];
    n5 -> n5 [style=dashed];
    n6 [label="step(…) ×N ?", style="rounded,dashed"];
  }
  n1 -> n3 [lhead=cluster_n2];
  n4 -> n5 [label="bam → reads\\nn", ltail=cluster_n2];
  n6 -> n5 [style=dashed];
}
`);
  });

  it.each([
    ['say "hi"', String.raw`say \"hi\"`],
    [String.raw`C:\new`, String.raw`C:\\new`],
    ["a&amp;b", "a&amp;amp;b"],
    ["two\nlines", "two lines"],
    ["試料 <b>", "試料 <b>"],
  ])("escapes %j", (name, escaped) => {
    expect(graphDot(one(name))).toContain(`n0 [label="${escaped}"];`);
  });
});

describe("graphMermaid", () => {
  it("writes boxes as subgraphs, and what wants attention in classes", () => {
    expect(graphMermaid(RUN)).toBe(`flowchart TB
  accTitle: main
  accDescr: run 7k2m9qxy, failed, 78 jobs
  subgraph n0["main<br/>failed"]
    direction TB
    n1(["samples.csv<br/>input"])
    subgraph n2["align<br/>2 failed, 72 done"]
      direction TB
      n3["HG00100<br/>x7kkk6km<br/>done"]
      n4["… and 73 more<br/>2 failed, 71 done"]
    end
    n5["fib<br/>3 cached<br/>↻ main"]
    n5 -.-> n5
    n6["step(…) ×N ?"]
  end
  n1 --> n2
  n2 -->|"bam → reads<br/>n"| n5
  n6 -.-> n5
  classDef failed stroke:#e5484d,stroke-width:2px
  class n0,n2,n4 failed
`);
  });

  it("lets no backslash make a new line", () => {
    expect(graphMermaid(one("C:\\new"))).toContain('n0["C:#92;#8203;new"]');
  });

  it("leaves nothing in a text that means something to Mermaid", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
        const text = graphMermaid(one(name));
        const inQuotes = text.matchAll(/"([^"\n]*)"/g);
        // Nothing but codes and our own line breaks.
        for (const [, quoted = ""] of inQuotes) {
          expect(quoted.replaceAll("<br/>", "").replaceAll(/#\d+;/g, "")).not.toMatch(/["#&<>`\\]/);
        }
        const structure = text.split("\n").map((line) => line.replaceAll(/"[^"]*"/g, "_"));
        expect(structure.slice(3)).toEqual(["  n0[_]", "  n1[_]", "  n0 -->|_| n1", ""]);
        expect(structure[1]).not.toMatch(/[;<>{}"]/);
      }),
    );
  });
});

describe("graphSvg", () => {
  const tags = (svg: string, name: string): string[] => svg.match(new RegExp(`<${name}[ >][^>]*`, "g")) ?? [];

  it("is one document that needs nothing else", () => {
    const svg = graphSvg(RUN);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /https?:|<script|@import|@font-face|url\(/,
    );
    wellFormed(svg);
  });

  it("has a title, a description, and a full title on every node", () => {
    const svg = graphSvg(RUN);
    expect(svg).toContain("<title>main</title><desc>run 7k2m9qxy, failed, 78 jobs, 7 nodes, 3 edges</desc>");
    expect(svg).toContain("<title>fib\n3 cached\ncalls itself\ncalls main</title>");
    expect(tags(svg, "title")).toHaveLength(1 + RUN.nodes.length);
  });

  it("is light or dark as the screen is, with all its styles in its own class", () => {
    const style = /<style>(.*)<\/style>/.exec(graphSvg(RUN))![1]!;
    expect(style).toContain("@media (prefers-color-scheme:dark)");
    const selectors = style.replaceAll(/@media [^{]*\{/g, "").matchAll(/([^{}]+)\{/g);
    for (const [, selector] of selectors) expect(selector).toMatch(/^\.ligase-graph /);
  });

  it("explains the colours and marks that occur, and no others", () => {
    const legend = (graph: Graph): string =>
      graphSvg(graph)
        .split("</g>\n")
        .at(-2)!
        .replaceAll(/<[^>]*>/g, " ");
    expect(legend(RUN)).toMatch(/failed\s+done\s+cached\s+×N for each item\s+\? in some case\s+calls/);
    expect(legend(RUN)).not.toMatch(/running|pending|cancelled/);
    expect(graphSvg(one("a"))).not.toContain('<path class="edge call"');
    expect(graphSvg(RUN, { legend: false })).not.toContain("for each item");
  });

  it("leaves out the heading, and links nodes, when asked to", () => {
    const svg = graphSvg(RUN, { heading: false, href: ({ id }) => (id === "align" ? '#a&"b' : undefined) });
    expect(svg).not.toContain('font-size="16"');
    expect(svg.match(/<a href="#a&amp;&quot;b"><title>align/g)).toHaveLength(1);
  });

  it("draws every node and every edge that does not end where it began", () => {
    const svg = graphSvg(RUN);
    expect(tags(svg, "rect").filter((tag) => /class="(node|box)/.test(tag))).toHaveLength(RUN.nodes.length);
    // Three edges, the arc of fib, and the legend's line.
    expect(tags(svg, "path").filter((tag) => tag.includes('class="edge'))).toHaveLength(3 + 1 + 1);
  });

  it("shows a failure among 10,000 jobs", () => {
    const svg = graphSvg(one("align", { counts: { done: 9999, failed: 1 } }));
    const bar = tags(svg, "rect").find((tag) => tag.includes('class="failed"'))!;
    expect(Number(/width="([\d.]+)"/.exec(bar)![1])).toBeGreaterThanOrEqual(3);
  });

  it("lets no text run out of its box, however long or wide", () => {
    const name = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }),
      fc.constantFrom("x".repeat(200), "試料".repeat(40), "👩‍🔬".repeat(30), "a b\tc\nd"),
    );
    fc.assert(
      fc.property(name, fc.constantFrom("task" as const, "job" as const, "more" as const), (label, kind) => {
        const svg = graphSvg(one(label, { kind, detail: label, counts: { done: 12_345, failed: 6789, running: 3 } }));
        wellFormed(svg);
        const [, node] = svg.split("<g><title>");
        const number = (tag: string, attribute: string): number =>
          Number(new RegExp(`${attribute}="(-?[\\d.]+)"`).exec(tag)![1]);
        const box = tags(node!, "rect")[0]!;
        for (const [, attributes, text] of node!.matchAll(/<text([^>]*)>([^<]*)/g)) {
          const plain = text!.replaceAll(/&\w+;/g, "x");
          const right = number(attributes!, "x") + columnsOf(plain) * number(attributes!, "font-size") * 0.605;
          expect(right).toBeLessThanOrEqual(number(box, "x") + number(box, "width"));
        }
      }),
    );
  });

  it("takes what XML cannot hold", () => {
    wellFormed(graphSvg(one("a\u0000b\ud800c\uffff<&>\"'")));
    expect(graphSvg(one("a\ud800<"))).toContain("a\ufffd&lt;");
  });

  it("draws nothing", () => {
    const svg = graphSvg({ title: "", detail: "", nodes: [], edges: [] });
    wellFormed(svg);
    expect(svg).not.toMatch(/class="(node|box|edge)/);
  });
});

/** Tags are closed in their order, attributes quoted, text escaped, and no letter is one that XML does not have. */
function wellFormed(xml: string): void {
  expect(xml).not.toMatch(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  const open: string[] = [];
  let at = 0;
  for (const tag of xml.matchAll(/<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<]*")*)(\/?)>/g)) {
    expect(xml.slice(at, tag.index)).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
    at = tag.index + tag[0].length;
    if (tag[1] === "/") expect(open.pop()).toBe(tag[2]);
    else if (tag[4] === "") open.push(tag[2]!);
  }
  expect(open).toEqual([]);
  expect(xml.slice(at)).toBe("\n");
}
