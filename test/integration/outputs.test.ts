/** What `ligase serve` serves, as a browser opens it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Project, project } from "../cli/project.ts";
import { Chromium } from "../support/chromium.ts";
import { describeWith } from "../support/needs.ts";

const WORKFLOW = `
import { Output, task } from "ligase";

const SVG = \`<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" onload="this.dataset.ran = 1">
  <style>circle { fill: rgb(10, 20, 30) }</style>
  <circle id="plasmid" cx="50" cy="50" r="40"/>
  <image width="10" height="10" href="https://example.org/tracker.png"/>
  <script>document.documentElement.dataset.ran = "1"; fetch("/health");</script>
</svg>\`;
const PAGE = "<!doctype html><title>page</title><script>document.title = 'ran'</script>";

export const picture = task(async () => Output.write("plasmid.svg", SVG));
export const page = task(async () => Output.write("page.html", PAGE));
export const table = task(async () => Output.write("table.json", '{"plasmid":"pUC19"}'));
export const main = task(() => [picture(), page(), table()]);
`;

describeWith({ programs: ["chromium"] })("outputs in a browser", () => {
  let p: Project;
  let browser: Chromium;

  beforeAll(async () => {
    p = project({ "workflow.ts": WORKFLOW });
    await p.ok("run", "workflow.ts", "--quiet");
    await p.start(["serve", "--port", "0"]).printed(" at http");
    browser = new Chromium();
  });
  afterAll(() => browser.close());

  const link = async (task: string): Promise<string> => (await p.ok("link", task)).trim();

  it("an SVG opens as a picture, in its own style, and runs and asks for nothing", async () => {
    const page = await browser.open(await link("picture"), { width: 600 });
    expect(await page.evaluate("document.contentType")).toBe("image/svg+xml");
    const box = "document.getElementById('plasmid').getBoundingClientRect()";
    expect(await page.evaluate(`[${box}.width, ${box}.height]`)).toEqual([80, 80]);
    expect(await page.evaluate("getComputedStyle(document.getElementById('plasmid')).fill")).toBe("rgb(10, 20, 30)");
    expect(await page.evaluate("document.documentElement.dataset.ran ?? null")).toBeNull();
    // An origin of its own: it could read nothing of this server.
    expect(await page.evaluate("window.origin")).toBe("null");
    expect(page.requests.filter((url) => url.endsWith("/health"))).toEqual([]);
    const refused = page.problems.join("\n");
    expect(refused).toMatch(/Blocked script execution/);
    expect(refused).toMatch(/tracker\.png.* violates the following Content Security Policy directive: \\"img-src/);
    await page.close();
  });

  it("JSON opens as text", async () => {
    const page = await browser.open(await link("table"), { width: 600 });
    expect(await page.evaluate("document.body.innerText")).toContain('{"plasmid":"pUC19"}');
    await page.close();
  });

  it("a page is saved, not opened", async () => {
    const page = await browser.open(await link("table"), { width: 600 });
    const url = await link("page");
    const answer = await page.send<{ errorText?: string }>("Page.navigate", { url });
    expect(answer.errorText).toBe("net::ERR_ABORTED");
    expect(await page.evaluate("document.title")).not.toBe("ran");
    await page.close();
  });
});

describeWith({ programs: ["samtools"] })("outputs and samtools", () => {
  it("a region of a BAM is read by its link and that of its index", async () => {
    const p = project({
      "workflow.ts": `
import { output, script, task } from "ligase";
export const main = task(() => script({ outputs: { bam: output("x.bam"), bai: output("x.bam.bai") } })\`
  { printf '@HD\\tVN:1.6\\tSO:coordinate\\n@SQ\\tSN:chr1\\tLN:100000\\n'
    for at in 10 50000; do printf "r$at\\t0\\tchr1\\t$at\\t60\\t4M\\t*\\t0\\t0\\tACGT\\tIIII\\n"; done
  } | samtools view -b - > x.bam
  samtools index x.bam\`);
`,
    });
    await p.ok("run", "workflow.ts", "--quiet");
    await p.start(["serve", "--port", "0"]).printed(" at http");
    const [bam, bai] = await Promise.all(
      ["x.bam", "x.bam.bai"].map(async (name) => (await p.ok("link", "@", name)).trim()),
    );
    const region = await promisify(execFile)("samtools", ["view", "-X", bam!, bai!, "chr1:49000-51000"], {
      // It leaves the index where it was started.
      cwd: p.dir,
    });
    expect(region.stdout).toMatch(/^r50000\t.*\n$/);
  });
});
