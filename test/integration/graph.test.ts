/** Graphs as Graphviz and a browser take them. */
import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graphDot } from "../../src/graph/dot.ts";
import type { Graph, GraphNode, StateCounts } from "../../src/graph/model.ts";
import { graphSvg } from "../../src/graph/svg/svg.ts";
import { project } from "../cli/project.ts";
import { Chromium, type Page } from "../support/chromium.ts";
import { describeWith } from "../support/needs.ts";

/** Names that mean something in DOT, HTML or XML, or are long or wide. */
const NAMES = [
  "align",
  'say "hi"',
  String.raw`C:\new\N\l`,
  "<b>&amp;</b>",
  "a & b; c -> d {e}",
  "試料を並べる",
  "👩‍🔬 séquençage",
  "theTaskWithAnExtraordinarilyLongNameThatNoBoxShouldEverBeAsWideAs",
];

const COUNTS: readonly StateCounts[] = [{ done: 9940, failed: 3 }, { cached: 2 }, { running: 1 }, { pending: 4 }];

/** Boxes within boxes, with every name as a node in each. */
const GRAPH: Graph = {
  title: NAMES.join(" "),
  detail: "run 7k2m9qxy, failed, 10,000 jobs",
  nodes: [
    { id: "main", kind: "task", label: "main", counts: { failed: 1 } },
    ...["inner", "main"].flatMap((group): GraphNode[] => [
      ...(group === "inner" ? [{ id: "inner", kind: "task", label: "inner", group: "main" } as const] : []),
      ...NAMES.map((label, i): GraphNode => ({
        id: `${group} ${label}`,
        kind: i === 3 ? "input" : i === 4 ? "more" : "task",
        label,
        detail: label,
        group,
        counts: COUNTS[i % COUNTS.length]!,
        ...(i < 2 && { loops: [label, "main"] }),
        ...(i === 2 && { repeat: ["each", "maybe"] as const }),
      })),
    ]),
  ],
  edges: ["inner", "main"].flatMap((group) =>
    NAMES.slice(1).map((label, i) => ({
      from: `${group} ${NAMES[i]!}`,
      to: `${group} ${label}`,
      kind: i % 3 === 2 ? ("call" as const) : ("data" as const),
      flows: [{ part: label, parameter: NAMES[i]! }],
    })),
  ),
};

describeWith({ programs: ["dot"] })("a graph in Graphviz", () => {
  const draw = (graph: Graph, format: string): string =>
    execFileSync("dot", [`-T${format}`], { input: graphDot(graph), encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });

  it("is taken without a word, with every name as it is", () => {
    const svg = draw(GRAPH, "svg");
    const texts = Array.from(svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g), ([, text]) =>
      text!
        .replaceAll("&#45;", "-")
        .replaceAll("&#160;", " ")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&amp;", "&"),
    );
    for (const name of NAMES) expect(texts.filter((text) => text === name || text === `${name} ×N ?`)).not.toEqual([]);
    expect(svg.match(/class="node"/g)).toHaveLength(2 * NAMES.length);
    expect(svg.match(/class="cluster"/g)).toHaveLength(2);
  });

  it("has all its nodes and edges", () => {
    // The edges, and the arcs of the two tasks that call themselves in either box.
    const { objects, edges } = JSON.parse(draw(GRAPH, "json")) as { objects: unknown[]; edges: unknown[] };
    expect(objects).toHaveLength(2 + 2 * NAMES.length);
    expect(edges).toHaveLength(GRAPH.edges.length + 4);
  });

  it("comes out of the command line", async () => {
    const p = project({
      "workflow.ts": `import { task } from "ligase"; export const a = task((n: number) => n);
export const main = task(() => a(a(1)));`,
    });
    await p.ok("run", "workflow.ts");
    const text = await p.ok("graph", "--format", "dot", "--expand", "a");
    expect(execFileSync("dot", ["-Tplain"], { input: text, encoding: "utf8" })).toMatch(/^graph [^]*stop\n$/);
  });
});

describeWith({ programs: ["chromium"] })("a graph in a browser", () => {
  let url: string;
  let browser: Chromium;

  beforeAll(() => {
    const p = project();
    p.write("graph.svg", graphSvg(GRAPH));
    url = pathToFileURL(p.path("graph.svg")).href;
    browser = new Chromium();
  });
  afterAll(() => browser.close());

  describe.each([
    [1440, false],
    [800, true],
    [390, false],
  ])("%i pixels wide, dark: %s", (width, dark) => {
    let page: Page;
    beforeAll(async () => {
      page = await browser.open(url, { width, dark });
    });
    afterAll(() => page.close());

    it("has nothing to complain of, and asks for nothing", () => {
      expect(page.problems).toEqual([]);
      expect(page.requests).toEqual([url]);
    });

    it("lets no text run out of its box, nor out of the picture", async () => {
      expect(await page.evaluate(OVERFLOWING)).toEqual([]);
    });

    it("can be read: all text has a contrast of 4.5 and more", async () => {
      expect(await page.evaluate(FAINT)).toEqual([]);
    });

    it("is as light or dark as the screen", async () => {
      const ground = await page.evaluate<string>("getComputedStyle(document.querySelector('.ground')).fill");
      expect(ground).toBe(dark ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)");
    });
  });

  it("is told to those who do not see it", async () => {
    const page = await browser.open(url, { width: 800 });
    const { nodes } = await page.send<{ nodes: { role: { value: string }; name?: { value: string } }[] }>(
      "Accessibility.getFullAXTree",
    );
    expect(nodes.map(({ name }) => name?.value)).toContain(NAMES.join(" "));
    await page.close();
  });
});

/** Texts that are not within the box before them, or not within the picture. */
const OVERFLOWING = `[...document.querySelectorAll("text")]
  .filter((text) => {
    const own = text.getBoundingClientRect();
    const box = ([...text.parentElement.children].find((one) => one.matches(".node, .box, .under")) ?? document.querySelector(".ground")).getBoundingClientRect();
    return own.left < box.left - 0.5 || own.right > box.right + 0.5 || own.top < box.top - 2 || own.bottom > box.bottom + 2;
  })
  .map((text) => text.textContent)`;

/** Texts whose colour is too much like that of the box they are in (WCAG 2.2, 1.4.3). */
const FAINT = `(() => {
  const luminance = (colour) => colour.match(/[\\d.]+/g).map(Number).slice(0, 3)
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  return [...document.querySelectorAll("text")].filter((text) => {
    const box = [...text.parentElement.children].find((one) => one.matches(".node, .box, .under")) ?? document.querySelector(".ground");
    const [a, b] = [luminance(getComputedStyle(text).fill), luminance(getComputedStyle(box).fill)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
  }).map((text) => text.textContent);
})()`;
