/**
 * The page on images, as its reader follows it: the workflow it shows, and the commands it names.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { project } from "../cli/project.ts";
import { blocksOf } from "../docs/markdown.ts";
import { describeWith } from "../support/needs.ts";

const workflow = blocksOf("docs/images.md").find(({ language }) => language === "ts")!.text;

describeWith({ programs: ["bwrap", "mmdebstrap"] })("the page on images", () => {
  const p = project({ "workflow.ts": workflow });
  const image = (...args: string[]) => p.start(["image", ...args], { env: { LIGASE_CONTAINER: "sandbox" } }).ended;

  it("its image is built once, listed, looked into, entered and locked", async () => {
    const first = await image("build", "workflow.ts", "--json");
    expect(first.stderr).toMatch(/^=> (Building|Using cached) image [0-9a-f]{12} \(debian 12, apt bwa samtools\)\n/);
    const [{ identity, tasks, digest }] = JSON.parse(first.stdout) as [
      { identity: string; tasks: string[]; digest: string },
    ];
    expect(tasks).toEqual(["align"]);
    const again = await image("build", "workflow.ts");
    expect(again.stderr).toBe(`=> Using cached image ${identity.slice(0, 12)} (debian 12, apt bwa samtools)\n`);

    expect((await image("ls")).stdout).toContain(`${identity.slice(0, 12)}  sandbox`);
    const inspected = (await image("inspect", identity.slice(0, 8))).stdout;
    expect(inspected).toContain(digest);
    expect(inspected).toMatch(/samtools 1\.16/);

    const shell = await image("shell", "workflow.ts:align", "--", "samtools", "--version");
    expect([shell.code, shell.stdout]).toEqual([0, expect.stringMatching(/^samtools 1\.16/)]);
    const failed = await image("shell", identity.slice(0, 8), "--", "echo here > made; pwd; exit 3");
    expect(failed).toMatchObject({ code: 3, stdout: `${p.dir}\n` });
    expect(p.read("made")).toBe("here\n");

    const locked = await image("lock", "workflow.ts");
    expect(locked.stdout).toContain("locked     debian 12, apt bwa samtools\nwritten to ligase.images.lock\n");
    const lock = JSON.parse(p.read("ligase.images.lock")) as {
      images: Record<string, { contents: string; packages: Record<string, Record<string, string>> }>;
    };
    expect(lock.images[identity]).toMatchObject({
      contents: digest,
      packages: { apt: { bwa: expect.stringMatching(/^0\.7\.17/) } },
    });
    expect((await image("build", "workflow.ts")).stderr).toMatch(/^=> Using cached image/);
    expect((await image("lock", "workflow.ts")).stdout).toContain("kept");
  });

  describe("what it says of a failure", () => {
    it("is what is printed", async () => {
      p.write("bad.ts", workflow.replace('"bwa"', '"bwaa"'));
      const { code, stderr } = await image("build", "bad.ts");
      expect(code).toBe(1);
      expect(stderr).toContain("could not be built: there is no Debian package bwaa");
      expect(stderr).toContain("E: Unable to locate package bwaa");
      expect(stderr).toMatch(/all that was printed: .*\.log/);
      expect(stderr).not.toContain("    at ");
    });
  });
});
