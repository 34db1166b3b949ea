/** What jobs find around them, without an image: volumes, secrets, GPUs of a kind. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const GPUS = { LIGASE_GPU_LIST: "0:Tesla T4,1:NVIDIA A100-SXM4-80GB,2:NVIDIA A100-SXM4-80GB" };

describe.concurrent("GPUs", () => {
  const FILES = {
    "workflow.ts": `
import { map, script, task } from "ligase";
const which = task({ gpu: "A100" }, (n: number) => script\`echo -n \${n}: $CUDA_VISIBLE_DEVICES; sleep 0.3\`);
const both = task({ gpu: "a100:2" }, () => process.env["CUDA_VISIBLE_DEVICES"] ?? "");
export const main = task(() => ({ each: map([1, 2], which), both: both() }));
export const none = task({ gpu: "H100" }, () => 1);
export const many = task({ gpu: "A100:3" }, () => 1);
`,
  };

  it("are given by kind, each to one job at a time", async () => {
    const p = project(FILES);
    const { stdout } = await p.start(["run", "workflow.ts", "main", "--json"], { env: GPUS }).ended;
    const { each, both }: { each: string[]; both: string } = JSON.parse(stdout);
    expect(each.map((text) => text.split(":")[1]).every((gpu) => ["1", "2"].includes(gpu!.trim()))).toBe(true);
    expect(both).toBe("1,2");
  });

  it("keep to those that this process may use", async () => {
    const p = project(FILES);
    const env = { ...GPUS, LIGASE_GPU_LIST: "5:NVIDIA A100-SXM4-80GB,7:NVIDIA A100-SXM4-80GB" };
    const { stdout } = await p.start(["run", "workflow.ts", "main", "--json"], { env }).ended;
    expect(JSON.parse(stdout)).toMatchObject({ both: "5,7" });
  });

  it.each([
    ["none", "asks for 1 × GPU H100, and there are 0 of that kind among Tesla T4, NVIDIA A100-SXM4-80GB"],
    ["many", "asks for 3 × GPU A100, and there are 2 of that kind"],
  ])("are refused at once where there are too few: %s", async (task, message) => {
    const p = project(FILES);
    const { code, stderr } = await p.start(["run", "workflow.ts", task], { env: GPUS }).ended;
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(message);
  });
});

describe.concurrent("volumes", () => {
  const FILES = {
    "workflow.ts": `
import { appendFile, readFile } from "node:fs/promises";
import { File, script, task, volume } from "ligase";
const seq = volume("sequences");
export const add = task({ volumes: { "./seq": seq } }, (text: string) => script\`echo \${text} >> seq/all.txt; wc -l < seq/all.txt\`);
export const addInBody = task({ volumes: { "./seq": seq } }, async (text: string) => {
  await appendFile("seq/all.txt", text + "\\n");
  return (await readFile("seq/all.txt", "utf8")).split("\\n").length - 1;
});
export const look = task({ volumes: { "./seq": seq.asReadOnly() } }, () => script\`cat seq/all.txt; echo looked\`);
export const kept = task({ volumes: { "./seq": seq }, cache: true }, (text: string) => script\`echo \${text} >> seq/all.txt\`);
export const count = task(async (file: File) => (await file.text()).length);
export const main = task(() => count(seq.file("all.txt")));
export const outside = task({ volumes: { "/data": seq } }, () => 1);
`,
  };
  const run = async (p: ReturnType<typeof project>, ...words: string[]) =>
    (await p.ok("run", "workflow.ts", ...words, "--quiet")).trim();

  it("are shared by scripts and bodies; a task that may write to one runs every time, another is cached", async () => {
    const p = project(FILES);
    expect(await run(p, "add", "--text", "a")).toBe("1");
    expect(await run(p, "add", "--text", "a")).toBe("2");
    expect(await run(p, "addInBody", "--text", "b")).toBe("3");
    expect(await run(p, "look")).toBe("a\na\nb\nlooked");
    await run(p, "kept", "--text", "c");
    await run(p, "kept", "--text", "c");
    // What lies in a volume is no part of what is looked up.
    expect(await run(p, "look")).toBe("a\na\nb\nlooked");
    expect(await p.ok("ls", "sequences")).toContain("all.txt");
  });

  it("count by the content of a file that is asked for", async () => {
    const p = project(FILES);
    await run(p, "add", "--text", "a");
    expect(await run(p, "main")).toBe("2");
    await run(p, "add", "--text", "ccc");
    expect(await run(p, "main")).toBe("6");
  });

  it("cannot be mounted at an absolute path of this machine", async () => {
    const p = project(FILES);
    const { code, stderr } = await p.run("run", "workflow.ts", "outside");
    expect(code).toBe(1);
    expect(stderr).toMatch(/volume sequences cannot be mounted at/);
    expect(stderr).not.toMatch(/\bat .*\.ts:\d+/);
  });
});

describe.concurrent("secrets", () => {
  const SECRET = "s3cr3t-value-of-mine";
  const FILES = {
    "workflow.ts": `
import { script, task } from "ligase";
export const shout = task({ secrets: ["TOKEN"] }, () => script\`echo "the token is $TOKEN"; echo "$TOKEN" >&2\`);
export const none = task(() => script\`echo "the token is \${TOKEN-nothing}"\`.toString !== undefined ? script\`echo "[$(printenv TOKEN || true)]"\` : "");
export const fails = task({ secrets: ["TOKEN"] }, async () => { throw new Error("401 for " + process.env["TOKEN"]); });
export const leaks = task({ secrets: ["TOKEN"] }, async () => ({ url: "https://x/?key=" + process.env["TOKEN"] }));
export const missing = task({ secrets: ["TOKNE"] }, () => 1);
`.replace(/^export const none.*$/m, 'export const none = task(() => script`echo "[$(printenv TOKEN || true)]"`);'),
  };
  const withSecret = async () => {
    const p = project(FILES);
    const { code } = await p.start(["secret", "set", "TOKEN"], { stdin: Buffer.from(SECRET) }).ended;
    expect(code).toBe(0);
    return p;
  };
  /** Every file of a store in which the value stands. */
  const found = (dir: string): string =>
    execFileSync("sh", ["-c", 'grep -rlaF -- "$1" "$2" || true', "sh", SECRET, dir], { encoding: "utf8" });

  it("reach the task that names them, and nobody else, and no file", async () => {
    const p = await withSecret();
    const { stdout, stderr } = await p.run("run", "workflow.ts", "shout", "--keep-work");
    expect(stdout).toBe("the token is ***\n");
    expect(`${stdout}${stderr}`).not.toContain(SECRET);
    expect(await p.ok("run", "workflow.ts", "none")).toBe("[]\n");
    expect(found(p.path(".ligase"))).toBe("");
  });

  it("are taken out of errors, and refused in results", async () => {
    const p = await withSecret();
    const fails = await p.run("run", "workflow.ts", "fails");
    expect(fails.stderr).toContain("401 for ***");
    const leaks = await p.run("run", "workflow.ts", "leaks");
    expect(leaks.code).toBe(1);
    expect(leaks.stderr).toContain("LIGASE_E_SECRET_RESULT");
    expect(`${fails.stderr}${leaks.stderr}${leaks.stdout}`).not.toContain(SECRET);
    writeFileSync(p.path("report.html"), "");
    await p.run("report", "--out", "report.html", "--force");
    expect(found(p.dir)).toBe("");
  });

  it("that are not set are named, with the nearest that is", async () => {
    const p = await withSecret();
    const { code, stderr } = await p.run("run", "workflow.ts", "missing");
    expect(code).toBe(1);
    expect(stderr).toMatch(/the secret TOKNE, which is not set/);
    expect(stderr).toContain("did you mean TOKEN?");
  });
});
