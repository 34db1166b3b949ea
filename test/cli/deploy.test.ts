import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PlanView } from "../../src/remote/index.ts";
import { type Project, project, type Started, until } from "./project.ts";

const APP = `import { endpoint, task, web } from "ligase";
import { shout } from "shout";
/** Multiplies. */
export const times = task((n: number) => n * 2);
export const scaled = endpoint(times, { maxWorkers: 2 });
export const chained = endpoint(async (n: number) => (await times(n)) + 1);
export const loud = endpoint((text: string) => shout(text));
export const site = web((request) => new Response("at " + new URL(request.url).pathname), { public: true });
`;

const PACKAGE = {
  "node_modules/shout/package.json": `{ "name": "shout", "version": "1.0.0", "main": "index.js" }`,
  "node_modules/shout/index.js": `exports.shout = (text) => require("node:path").basename(text).toUpperCase();`,
};

/** A server of a project, as people start it. */
class Served {
  readonly project: Project;
  readonly server: Started;
  readonly url: string;

  private constructor(of: Project, server: Started, url: string) {
    this.project = of;
    this.server = server;
    this.url = url;
  }

  static async start(of: Project): Promise<Served> {
    const server = of.start(["serve", "--port", "0"]);
    await server.printed("serving ");
    return new Served(of, server, /at (http:\S+)/.exec(server.said())?.[1] ?? "");
  }

  /** Runs a job to its end, and answers what came of it. */
  async job(endpoint: string, input: unknown): Promise<{ status: string; output?: unknown; error?: unknown }> {
    const response = await fetch(`${this.url}/v2/${endpoint}/runsync`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.project.read(".ligase/server.token").trim()}` },
      body: JSON.stringify({ input }),
    });
    return (await response.json()) as { status: string };
  }

  async stop(): Promise<void> {
    this.server.child.kill("SIGTERM");
    const { code, stderr } = await this.server.ended;
    if (code !== 0) throw new Error(`the server ended with ${code}: ${stderr}`);
  }
}

describe("ligase deploy", () => {
  it("brings an app to a server, changes it under load without a lost request, and takes back what is broken", async () => {
    const here = project({ ...PACKAGE, "app.ts": APP });
    const served = await Served.start(here);

    // A plan changes nothing.
    const planned = await here.ok("deploy", "app.ts", "--plan");
    expect(planned).toMatch(/\+ scaled\n\s+input\s+\{ n: number \}\n\s+workers\s+0 to 2/);
    expect(planned).toMatch(/4 to add; code: \d+ files/);
    expect(await here.ok("endpoint", "ls", "--json")).toBe("[]\n");

    const first = await here.ok("deploy", "app.ts");
    expect(first).toContain("is live");
    expect(first).toContain(`scaled  ${served.url}/v2/scaled`);
    expect(first).toContain(`-d '{"input":{"n":1}}' ${served.url}/v2/scaled/runsync`);
    // It has its packages with it.
    rmSync(here.path("node_modules"), { recursive: true });
    expect(await served.job("scaled", { n: 21 })).toMatchObject({ status: "COMPLETED", output: 42 });
    expect(await served.job("chained", { n: 3 })).toMatchObject({ output: 7 });
    expect(await served.job("loud", { text: "a/gattaca" })).toMatchObject({ output: "GATTACA" });
    expect(await (await fetch(`${served.url}/web/site/x`)).text()).toBe("at /x");
    expect(await served.job("scaled", { n: "x" })).toMatchObject({ error: expect.stringContaining("n") });

    for (const [path, text] of Object.entries(PACKAGE)) here.write(path, text);
    expect(await here.ok("deploy", "app.ts")).toMatch(/^nothing to deploy: version 1/);

    // Clients do not rest while the next version takes over.
    let over = false;
    const outputs: unknown[] = [];
    const client = async (): Promise<void> => {
      while (!over) {
        const { output, status, error } = await served.job("scaled", { n: 1 });
        outputs.push(output ?? status ?? error);
      }
    };
    const clients = [client(), client(), client()];
    here.edit("app.ts", "n * 2", "n * 5");
    const second = await here.ok("deploy", "app.ts");
    expect(second).toMatch(/~ scaled\n\s+code\s+[0-9a-f]{8} → [0-9a-f]{8}/);
    const before = outputs.length;
    await until(() => outputs.slice(before).includes(5), "an answer of the new version");

    // What does not start takes no request.
    here.edit("app.ts", "{ maxWorkers: 2 }", `{ onStart: () => { throw new Error("no model"); } }`);
    const broken = await here.run("deploy", "app.ts");
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/scaled: worker exits with code 1 at onStart: Error: no model/);
    expect(broken.stderr).toContain("the version before it goes on serving");
    await here.ok("deployment", "rollback");
    const turned = outputs.length;
    await until(() => outputs.slice(turned).includes(2), "an answer of the version before");
    over = true;
    await Promise.all(clients);
    expect(new Set(outputs)).toEqual(new Set([2, 5]));
    expect(outputs.indexOf(5)).toBeGreaterThan(0);

    const versions = await here.json<{ version: number; state: string }[]>("deployment", "ls");
    expect(versions.map(({ version, state }) => `${version} ${state}`)).toEqual([
      "4 live",
      "3 failed",
      "2 retired",
      "1 retired",
    ]);

    // A server that was ended and started again serves the same.
    await served.stop();
    const again = await Served.start(here);
    expect(await again.job("scaled", { n: 21 })).toMatchObject({ output: 42 });
    await again.stop();
  }, 90_000);

  it("asks before it takes away, and deploys one endpoint alone", async () => {
    const here = project({
      "app.ts": `import { endpoint } from "ligase";
export const one = endpoint((n: number) => n + 1);
export const two = endpoint((n: number) => n + 2);`,
    });
    const served = await Served.start(here);
    await here.ok("deploy", "app.ts", "--app", "pair");
    // What it prints and begins when it is evaluated is its own.
    here.write(
      "app.ts",
      `import { endpoint } from "ligase";
console.log("evaluated");
setInterval(() => {}, 1000);
export const one = endpoint((n: number) => n + 10);`,
    );
    const refused = await here.run("deploy", "app.ts", "--app", "pair");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("this would remove two") });
    expect(await here.ok("deploy", "app.ts:one", "--app", "pair")).not.toContain("- two");
    expect(await served.job("two", { n: 1 })).toMatchObject({ output: 3 });
    expect(await served.job("one", { n: 1 })).toMatchObject({ output: 11 });
    const came = await here.json<{ plan: PlanView; good: boolean }>("deploy", "app.ts", "--app", "pair", "--yes");
    expect(came).toMatchObject({ good: true, plan: { live: 2 } });
    expect(came.plan.changes.map(({ endpoint, kind }) => `${kind} ${endpoint}`)).toEqual(["same one", "remove two"]);
    expect(await served.job("two", { n: 1 })).toMatchObject({ error: expect.stringContaining("two") });

    expect(await here.ok("deployment", "show", "pair")).toMatch(/pair version 3, live/);
    expect(await here.ok("deployment", "diff", "pair")).toContain("one stays as it is");
    await here.ok("deployment", "stop", "pair");
    expect(await served.job("one", { n: 1 })).toMatchObject({ error: expect.stringContaining("stopped") });
    await here.ok("deployment", "start");
    expect(await served.job("one", { n: 1 })).toMatchObject({ output: 11 });
    expect((await here.run("deployment", "rm", "pair")).code).toBe(2);
    await here.ok("deployment", "rm", "pair", "--yes");
    expect(await here.json("endpoint", "ls")).toEqual([]);
    await served.stop();
  }, 60_000);

  it("says what is wrong with an app before anything is sent", async () => {
    const here = project({
      "none.ts": "export const x = 1;",
      "app.ts": `import { endpoint } from "ligase";\nexport const fold = endpoint((n: number) => n);`,
      "bad.ts": `import { endpoint } from "ligase";\nexport const fold = endpoint((n: number) => n, { maxWorker: 1 } as never);`,
    });
    expect(await here.run("deploy", "app.ts")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LIGASE_E_NO_SERVER"),
    });
    const served = await Served.start(here);
    expect((await here.run("deploy", "none.ts")).stderr).toContain("none.ts declares no endpoint");
    expect((await here.run("deploy", "bad.ts")).stderr).toContain("did you mean maxWorkers?");
    expect((await here.run("deploy", "app.ts:fald")).stderr).toContain("did you mean fold?");
    expect(await here.run("deploy", "ap.ts")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean app.ts?"),
    });
    await here.ok("deploy", "app.ts", "--app", "first");
    const taken = await here.run("deploy", "app.ts", "--app", "second");
    expect(taken).toMatchObject({ code: 1, stdout: expect.stringContaining("fold is an endpoint of the app first") });
    await served.stop();
  }, 60_000);
});

describe("ligase dev", () => {
  it("deploys again what was saved, keeps what is good, and leaves things as they were", async () => {
    const here = project({
      "app.ts": `import { endpoint } from "ligase";\nimport { add } from "./lib.ts";\nexport const sum = endpoint((n: number) => { console.log("got " + n); return add(n); });`,
      "lib.ts": "export const add = (n: number) => n + 1;",
    });
    const dev = here.start(["dev", "app.ts"]);
    await dev.printed("watching;");
    const url = /at (http:\S+)/.exec(dev.said())?.[1] ?? "";
    const sum = async (n: number): Promise<unknown> => {
      const response = await fetch(`${url}/v2/sum/runsync`, {
        method: "POST",
        headers: { Authorization: `Bearer ${here.read(".ligase/server.token").trim()}` },
        body: JSON.stringify({ input: { n } }),
      });
      return ((await response.json()) as { output?: unknown }).output;
    };
    expect(await sum(1)).toBe(2);
    await dev.printed("got 1");
    here.edit("lib.ts", "n + 1", "n + 100");
    await until(async () => (await sum(1)) === 101, "the edit of a helper");
    here.append("lib.ts", "\nthis is no code");
    await dev.printed("LIGASE_E_SYNTAX");
    expect(await sum(1)).toBe(101);
    here.write("lib.ts", "export const add = (n: number) => n + 7;");
    await until(async () => (await sum(1)) === 8, "the repair");
    dev.child.kill("SIGINT");
    const { code, stderr } = await dev.ended;
    expect(stderr).toMatch(/removed \S+\n/);
    expect(code).toBe(0);
  }, 60_000);
});
