import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { project, until } from "./project.ts";

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** A webhook on this machine, and what it was sent. */
async function webhook(answer: (response: ServerResponse, count: number) => void = (response) => response.end("ok")) {
  const heard: { path: string; type: string | undefined; notice: Record<string, unknown> }[] = [];
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: unknown = JSON.parse(await text(request));
    heard.push({ path: request.url!, type: request.headers["content-type"], notice: Object(body) });
    answer(response, heard.length);
  };
  const server = createServer((request, response) => void hear(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  closing.push(close);
  const { port } = server.address() as AddressInfo;
  return { heard, close, host: `http://127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/services/T0/s3cr3t` };
}

const WORKFLOW = `
import { script, task } from "ligase";
export const main = task((n: number = 1) => n);
export const bad = task(() => { throw new Error("it broke"); });
export const slow = task(() => script\`touch "$HOME/started"; sleep 60\`);
`;

describe.concurrent("ligase run --notify", () => {
  it("posts what became of the run, with a text that chats show", async () => {
    const hook = await webhook();
    const p = project({ "workflow.ts": WORKFLOW });
    const { code, stdout, stderr } = await p.run("run", "workflow.ts", "--notify", hook.url, "--tag", "batch=7");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1\n" });
    expect(stderr).not.toContain("warning");
    const [run] = await p.json<{ id: string; argv: string[] }[]>("log");
    const name = p.dir.split("/").at(-1)!;
    expect(hook.heard).toEqual([
      {
        path: "/services/T0/s3cr3t",
        type: "application/json",
        notice: expect.objectContaining({
          run: run!.id,
          task: "main",
          state: "done",
          project: name,
          counts: { done: 1, cached: 0, failed: 0, cancelled: 0 },
          tags: { batch: "7" },
          error: null,
          durationMs: expect.any(Number),
          text: expect.stringMatching(`^✓ main \\(${name}\\) is done: 1 ran, 0 cached, took `),
        }),
      },
    ]);
    const { text: said, content, startedAt, endedAt } = hook.heard[0]!.notice;
    expect(content).toBe(said);
    expect(Date.parse(String(endedAt))).toBeGreaterThanOrEqual(Date.parse(String(startedAt)));
    // What the address holds is a password.
    expect(JSON.stringify(run)).not.toContain("s3cr3t");
    expect(run!.argv).toEqual(["ligase", "run", "workflow.ts", "--notify", `${hook.host}/…`, "--tag", "batch=7"]);
  });

  it("says why a run failed, and is no reason to exit otherwise", async () => {
    const hook = await webhook((response) => response.writeHead(404).end());
    const p = project({ "workflow.ts": WORKFLOW });
    const failed = await p.run("run", "workflow.ts", "bad", `--notify=${hook.url}`);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(`warning could not notify ${hook.host}/…: the server answered 404`);
    expect(failed.stderr).not.toContain("s3cr3t");
    expect(hook.heard.map(({ notice }) => notice)).toMatchObject([
      {
        state: "failed",
        error: { code: null, message: "it broke" },
        text: expect.stringMatching(/^✗ bad \(.*\) failed after .*: it broke$/),
      },
    ]);
    const done = await p.run("run", "workflow.ts", "--notify", hook.url);
    expect(done).toMatchObject({ code: 0, stdout: "1\n", stderr: expect.stringContaining("warning could not notify") });
  });

  it("tries again when the server has no time, and gives up when nobody is there", async () => {
    const hook = await webhook((response, count) => response.writeHead(count < 3 ? 503 : 200).end());
    const p = project({ "workflow.ts": WORKFLOW });
    expect((await p.run("run", "workflow.ts", "--notify", hook.url)).stderr).not.toContain("warning");
    expect(hook.heard).toHaveLength(3);
    const nobody = await webhook();
    nobody.close();
    const { code, stderr } = await p.run("run", "workflow.ts", "--notify", nobody.url);
    expect(code).toBe(0);
    expect(stderr).toContain(`warning could not notify ${nobody.host}/…: connect ECONNREFUSED`);
  });

  it("posts after Ctrl+C too", async () => {
    const hook = await webhook();
    const p = project({ "workflow.ts": WORKFLOW });
    const run = p.start(["run", "workflow.ts", "slow", "--notify", hook.url], { env: { HOME: p.dir } });
    await until(() => existsSync(p.path("started")), "the script");
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 130 });
    expect(hook.heard.map(({ notice }) => notice)).toMatchObject([
      { state: "cancelled", error: { code: "LIGASE_E_CANCELLED" }, text: expect.stringContaining("was stopped after") },
    ]);
  });

  it("takes the address from the configuration and the environment, where no flag says another", async () => {
    const [config, environment, flag] = [await webhook(), await webhook(), await webhook()];
    const p = project({
      "workflow.ts": WORKFLOW,
      "ligase.config.json": JSON.stringify({ notify: [config.url] }),
    });
    await p.ok("run", "workflow.ts");
    await p.start(["run", "workflow.ts"], { env: { LIGASE_NOTIFY: environment.url } }).ended;
    await p.start(["run", "workflow.ts", "--notify", flag.url, "--notify", flag.url], {
      env: { LIGASE_NOTIFY: environment.url },
    }).ended;
    expect([config, environment, flag].map(({ heard }) => heard.length)).toEqual([1, 1, 2]);
  });

  it("refuses what is no address, and does not repeat it", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const { code, stderr } = await p.run("run", "workflow.ts", "--notify", "hooks.example.org/s3cr3t");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/--notify: this is not an http\(s\) URL\n.*in full: https:/),
    });
    expect(stderr).not.toContain("s3cr3t");
  });
});
