/**
 * `ligase image`, over environments that lie there as builds leave them: nothing is built.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openPlace } from "../../src/images/build/index.ts";
import { bootId } from "../../src/images/build/durable.ts";
import { Image } from "../../src/images/index.ts";
import { type Project, project } from "./project.ts";

const TOOLS = Image.debian("12").apt("bwa");
const BASE = Image.debian("12");
const WORKFLOW = {
  "workflow.ts": `
import { Image, script, task } from "ligase";
const tools = Image.debian("12").apt("bwa");
export const align = task({ image: tools }, (x: string) => script\`bwa \${x}\`);
export const sort = task({ image: tools }, (x: string) => script\`sort \${x}\`);
export const plain = task({ image: Image.debian("12") }, (x: string) => script\`cat \${x}\`);
export const none = task((x: string) => x);
`,
};

const DAYS = 86_400_000;

/** Puts an environment where a build would have left it. */
function place(p: Project, image: Image, { daysAgo = 0, key = image.identity } = {}): void {
  const images = openPlace(p.path("images"));
  const root = images.root(key);
  mkdirSync(join(root, "root/usr"), { recursive: true });
  const builtAt = Date.now() - daysAgo * DAYS;
  const record = {
    format: 1 as const,
    key,
    digest: `sha256:${key}`,
    env: { PATH: "/usr/bin" },
    workdir: "/",
    packages: { apt: { bwa: "0.7.17-7+b2" } },
    archives: [],
    snapshots: [],
    resolved: null,
    builtAt,
    size: 1024,
    total: 300 * 2 ** 20,
    boot: bootId(),
  };
  writeFileSync(join(root, "record.json"), JSON.stringify(record));
  utimesSync(join(root, "record.json"), builtAt / 1000, builtAt / 1000);
  const id = `id-${image.identity}`;
  images.writeEnvironment(id, { ...record, identity: image.identity, lock: "", layers: image.settled() });
  const file = p.path("images/environments", `${id}.json`);
  utimesSync(file, builtAt / 1000, builtAt / 1000);
}

const at = (p: Project, ...args: string[]) =>
  p.start(["image", ...args], { env: { LIGASE_IMAGES: p.path("images"), LIGASE_CONTAINER: "sandbox" } }).ended;

describe.concurrent("ligase image", () => {
  it("ls lists what is built, those used last first, also as JSON", async () => {
    const p = project();
    expect(await at(p, "ls")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("no environment is built yet"),
    });
    place(p, BASE, { daysAgo: 40 });
    place(p, TOOLS);
    const { stdout, code } = await at(p, "ls");
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(
      new RegExp(
        `^${TOOLS.identity.slice(0, 12)}  sandbox  300 MiB  built just now +used just now +debian 12, apt bwa$`,
      ),
    );
    expect(lines[1]).toMatch(/^[0-9a-f]{12}  sandbox  300 MiB  built .* used .* debian 12$/);
    const json: unknown = JSON.parse((await at(p, "ls", "--json")).stdout);
    expect(json).toMatchObject([
      {
        identity: TOOLS.identity,
        engine: "sandbox",
        title: "debian 12, apt bwa",
        usedHere: false,
        packages: { apt: { bwa: "0.7.17-7+b2" } },
      },
      { identity: BASE.identity },
    ]);
  });

  it("inspect tells all of one, named by the beginning of its identity or digest", async () => {
    const p = project();
    place(p, TOOLS);
    for (const word of [TOOLS.identity.slice(0, 6), `sha256:${TOOLS.identity.slice(0, 8)}`]) {
      const { stdout, code } = await at(p, "inspect", word);
      expect(code).toBe(0);
      expect(stdout).toContain(`identity  ${TOOLS.identity}`);
      expect(stdout).toContain("PATH=/usr/bin");
      expect(stdout).toContain("bwa 0.7.17-7+b2");
    }
  });

  it.each<[string, string[], string, string]>([
    ["no verb", [], "ligase image needs", "usage"],
    ["a verb that is not there", ["lss"], "ligase image has no command lss", "did you mean ligase image ls?"],
    ["no image", ["inspect"], "ligase image inspect needs <image>", "usage"],
    [
      "an image that is not there",
      ["inspect", "ffffff"],
      "no environment that is built begins with ffffff",
      "ligase image ls",
    ],
    ["what is no identity", ["rm", "bwa"], "no environment that is built begins with bwa", "ligase image ls"],
    ["a file that is not there", ["build", "nothing.ts"], "nothing.ts", ""],
    [
      "a task that is not there",
      ["build", "workflow.ts:alig"],
      "workflow.ts has no task alig",
      "did you mean workflow.ts:align?",
    ],
    [
      "a task without an image",
      ["shell", "workflow.ts:none"],
      "workflow.ts:none names 0 images",
      "give a task an image",
    ],
    [
      "several images for a shell",
      ["shell", "workflow.ts"],
      "workflow.ts names 2 images",
      "workflow.ts:align, workflow.ts:plain",
    ],
    ["nothing to lock", ["lock"], "there is no image to lock", "ligase image lock workflow.ts"],
    ["a duration that is none", ["gc", "--older-than", "soon"], "--older-than soon is no duration", "30d"],
  ])("refuses %s", async (_, args, message, mend) => {
    const p = project(WORKFLOW);
    const { code, stderr } = await at(p, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain(mend);
    expect(stderr).not.toContain("    at ");
  });

  it("rm asks, or is told, and removes one with all that is in it", async () => {
    const p = project();
    place(p, TOOLS);
    place(p, BASE);
    const asked = await at(p, "rm", TOOLS.identity.slice(0, 8));
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect(readdirSync(p.path("images/roots"))).toHaveLength(2);
    const { code, stdout } = await at(p, "rm", TOOLS.identity.slice(0, 8), "--yes");
    expect([code, stdout]).toEqual([0, `image ${TOOLS.identity.slice(0, 12)} is removed\n`]);
    expect(readdirSync(p.path("images/roots"))).toEqual([BASE.identity]);
    expect((await at(p, "ls")).stdout).not.toContain("bwa");
  });

  it("gc frees what was not used for a time, what builders left, and nothing else", async () => {
    const p = project();
    place(p, BASE, { daysAgo: 40 });
    place(p, TOOLS, { daysAgo: 3 });
    mkdirSync(p.path("images/building/dead.0a0a/whole/root"), { recursive: true });
    const dry = await at(p, "gc", "--dry-run");
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain(BASE.identity.slice(0, 12));
    expect(dry.stdout).toContain("1 leftover");
    expect(dry.stdout).not.toContain(TOOLS.identity.slice(0, 12));
    expect(existsSync(p.path("images/roots", BASE.identity))).toBe(true);
    expect((await at(p, "gc")).code).toBe(2);
    const { code, stdout } = await at(p, "gc", "--yes");
    expect([code, stdout]).toEqual([0, "1 KiB freed\n"]);
    expect(readdirSync(p.path("images/roots"))).toEqual([TOOLS.identity]);
    expect(readdirSync(p.path("images/building"))).toEqual([]);
    expect(await at(p, "gc", "--yes")).toMatchObject({ code: 0, stdout: "nothing to free\n" });
    expect(JSON.parse((await at(p, "gc", "--older-than", "1d", "--yes", "--json")).stdout)).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: "environment", identity: TOOLS.identity })]),
    );
  });

  it("a damaged lock file is said to be one", async () => {
    const p = project({ ...WORKFLOW, "ligase.images.lock": "{" });
    const { code, stderr } = await at(p, "lock", "workflow.ts");
    expect(code).toBe(1);
    expect(stderr).toContain("LIGASE_E_IMAGE_LOCK");
  });
});
