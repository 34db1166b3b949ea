/** The report of a run as a browser shows it: at three widths, light and dark, with and without JavaScript. */
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { project } from "../cli/project.ts";
import { Chromium, type Page } from "../support/chromium.ts";
import { describeWith } from "../support/needs.ts";

const WORKFLOW = `
import { attemptAll, type File, Image, script, task } from "ligase";

/** Sorts the lines of a file, which has a long name. */
export const sortTheLinesOfOneLargeFile = task({ memory: "1 GiB", cpu: 1 }, (lines: File, round: number) =>
  script({ outputs: { sorted: "sorted-lines-of-the-round.txt" } })\`sort \${lines} > sorted-lines-of-the-round.txt; sleep 0.1; echo \${round}\`);

/** Fails, in many words. */
export const broken = task((why: string) => script\`
  printf '\\033[31m<img src=x onerror=alert(1)>\\033[0m \\377 %s \${why}' ${"x".repeat(300)} >&2
  exit 3\`);

const tools = Image.debian("12").apt("bwa", "samtools", "a-package-with-a-very-long-name-that-nobody-would-give-one=1.2.3~rc4+dfsg-5");
const noted = task({ image: tools }, (why: string) => script\`echo \${why}\`);

export const main = task((lines: File, rounds: number = 12) =>
  attemptAll(
    [...Array.from({ length: rounds }, (_, i) => sortTheLinesOfOneLargeFile(lines, i)), broken("a"), broken("b"), noted("c")],
    (all: unknown[]) => all.length,
  ));
`;

const SECTIONS = [
  "Summary",
  "Failures",
  "Tasks",
  "Timeline",
  "Resources",
  "Slowest and largest",
  "Inputs and outputs",
  "Parameters",
  "Cost",
  "Code",
  "Environments",
  "Software",
  "Methods",
];

describeWith({ programs: ["chromium"] })("a report in a browser", () => {
  let url: string;
  let browser: Chromium;

  beforeAll(async () => {
    const p = project({ "workflow.ts": WORKFLOW, "lines.txt": "b\na\n" });
    await p.ok(
      "run",
      "workflow.ts",
      "main",
      "--quiet",
      "--container",
      "host",
      "--lines",
      "lines.txt",
      "--tag",
      `note=${"long".repeat(30)}`,
    );
    url = pathToFileURL(p.path((await p.ok("report")).trim())).href;
    browser = new Chromium();
  });
  afterAll(() => browser.close());

  const titles = (page: Page): Promise<string[]> =>
    page.evaluate("[...document.querySelectorAll('main > section > h2')].map((title) => title.textContent)");

  describe.each([
    [1440, false],
    [900, true],
    [390, false],
    [390, true],
  ])("%i pixels wide, dark: %s", (width, dark) => {
    let page: Page;
    beforeAll(async () => {
      page = await browser.open(url, { width, dark });
    });
    afterAll(() => page.close());

    it("has its sections, nothing to complain of, and asks for nothing", async () => {
      expect(await titles(page)).toEqual(SECTIONS);
      expect(page.problems).toEqual([]);
      expect(page.requests).toEqual([url]);
      expect(await page.evaluate("document.images.length")).toBe(0);
    });

    it("is no wider than the window", async () => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(stickingOut(".scroll, pre, svg, .skip"))).toEqual([]);
    });

    it("can be read: all text has a contrast of 4.5 and more", async () => {
      expect(await page.evaluate(FAINT)).toEqual([]);
    });
  });

  it("sorts a table by the heading that is clicked, and says so", async () => {
    const page = await browser.open(url, { width: 1440 });
    const column = (): Promise<number[]> =>
      page.evaluate("[...document.querySelectorAll('#graph tbody tr')].map((row) => Number(row.cells[1].dataset.v))");
    await page.point("#graph thead th:nth-child(2) button", true);
    expect(await column()).toEqual([12, 2, 1, 1]);
    expect(await page.evaluate("document.querySelector('#graph thead th:nth-child(2)').ariaSort")).toBe("descending");
    await page.point("#graph thead th:nth-child(2) button", true);
    expect(await column()).toEqual([1, 1, 2, 12]);
    expect(page.problems).toEqual([]);
    await page.close();
  });

  it("tells which job a bar is", async () => {
    const page = await browser.open(url, { width: 1440 });
    await page.point(".lane rect");
    const tip = "document.querySelector('.tip')";
    expect(await page.evaluate(`${tip}.hidden`)).toBe(false);
    expect(await page.evaluate(`${tip}.textContent`)).toMatch(/after the start \(job \w{8}\)$/);
    await page.point("h1");
    expect(await page.evaluate(`${tip}.hidden`)).toBe(true);
    await page.close();
  });

  it("says all without JavaScript", async () => {
    const page = await browser.open(url, { width: 900, scripts: false });
    expect(await titles(page)).toEqual(SECTIONS);
    expect(await page.evaluate("document.querySelectorAll('button').length")).toBe(0);
    expect(await page.evaluate("document.querySelector('.lane rect > title').textContent")).toMatch(/after the start/);
    await page.close();
  });

  it("fits on paper", async () => {
    const page = await browser.open(url, { width: 720 });
    await page.send("Emulation.setEmulatedMedia", { media: "print" });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(720);
    expect(await page.evaluate(stickingOut("svg, .skip"))).toEqual([]);
    await page.close();
  });
});

/** What stands out of the page to the right, and not in something that may. */
const stickingOut = (within: string): string => `[...document.querySelectorAll("body *")]
  .filter((element) => !element.closest("${within}") && element.getBoundingClientRect().right > innerWidth + 0.5)
  .map((element) => element.outerHTML.slice(0, 100))`;

/** Text whose colour is too much like what is behind it (WCAG 2.2, 1.4.3). */
const FAINT = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *:not(svg *, script, style)")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "")) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(contrast.toFixed(2) + " " + element.outerHTML.slice(0, 100));
  }
  return faint;
})()`;
