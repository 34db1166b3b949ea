/** Looking at a project that is not one's own: nothing can be written, and there may be no home. */
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Ended, project, type Project, until } from "./project.ts";

const WORKFLOW = `
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { task } from "ligase";

export const align = task((sample: string) => \`\${sample}.bam\`);
export const main = task(() => align("s1"));
export const wait = task(async (until: string) => {
  while (!existsSync(until)) await setTimeout(20);
  return 1;
});
`;

const NOBODY = 65534;
const closed: Project[] = [];
afterAll(() => closed.forEach((each) => setMode(each.dir, 0o755, 0o644)));

function setMode(dir: string, folders: number, files: number): void {
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, folders);
    else if (entry.isFile()) chmodSync(path, files);
  }
  chmodSync(dir, folders);
}

/** Takes away the right to write, and answers how commands are run without it: root has it always. */
function close(p: Project): (...args: string[]) => Promise<Ended> {
  setMode(p.dir, 0o555, 0o444);
  closed.push(p);
  const uid = process.getuid?.() === 0 ? { uid: NOBODY } : {};
  return (...args) => p.start(args, { ...uid, env: { HOME: undefined } }).ended;
}

describe.concurrent("a project that can only be read", () => {
  it("is listed, shown and explained, without a home", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    await p.ok("run", "workflow.ts", "main");
    // The bundles of both must be made anew.
    p.write("ligase.config.ts", 'import { defineConfig } from "ligase";\nexport default defineConfig({ cpus: 1 });');
    p.append("workflow.ts", "\n// edited");
    const look = close(p);
    expect(await look("log")).toMatchObject({ code: 0, stdout: expect.stringContaining("main") });
    expect(await look("why")).toMatchObject({ code: 0, stdout: expect.stringContaining("never ran before") });
    expect(await look("show", "align")).toMatchObject({ code: 0, stdout: expect.stringContaining(".bam") });
    expect(await look("log", "--jobs")).toMatchObject({ code: 0, stdout: expect.stringMatching(/align +done/) });
    expect(await look("cat", "align")).toMatchObject({ code: 0, stdout: "s1.bam\n" });
    expect(await look("tasks")).toMatchObject({ code: 0, stdout: expect.stringMatching(/align +1 done/) });
    expect(await look("logs")).toMatchObject({ code: 0 });
    expect(await look("tasks", "workflow.ts")).toMatchObject({ code: 0, stdout: expect.stringContaining("align(") });
    expect(await look("run", "workflow.ts", "main")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot be written.*\n.*make its folder writable/),
    });
  });

  it("is looked at while a run goes on in it", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const gate = project();
    const started = p.start(["run", "workflow.ts", "wait", "--until", gate.path("go")]);
    await until(() => p.read(".ligase/store.db") !== "", "the store");
    const running = async (): Promise<boolean> => (await p.run("log", "--json")).stdout.includes('"running"');
    await until(running, "the run");
    const look = close(p);
    expect(await look("log")).toMatchObject({ code: 0, stdout: expect.stringMatching(/wait.*running/) });
    expect(JSON.parse((await look("log", "--json")).stdout)).toMatchObject([{ task: "wait", state: "running" }]);
    setMode(p.dir, 0o755, 0o644);
    gate.write("go", "");
    expect(await started.ended).toMatchObject({ code: 0 });
    // Nobody who looked was in its way, or left something.
    expect(readdirSync(p.path(".ligase")).filter((name) => name.startsWith("store"))).toEqual(["store.db"]);
  });
});
