import { existsSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, ligase, marked } from "../behaviour/command.ts";
import { type Project, project } from "../behaviour/project.ts";
import { Served } from "../behaviour/served.ts";

const APP = `
import { appendFileSync } from "node:fs";
import { endpoint } from "ligase";
export const slow = endpoint(async (ms: number) => {
  appendFileSync(process.env.LEDGER, "begun\\n");
  await new Promise((done) => setTimeout(done, ms));
  return ms;
});
`;

const begun = (p: Project): boolean => p.exists("ledger.txt") && p.read("ledger.txt").includes("begun");

describe("ligase serve", () => {
  it("works where nothing is set up: says where it is, answers its user, and leaves nothing behind", async () => {
    const p = project({});
    const server = await Served.start(p);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({ status: "ok" });
    expect(statSync(p.path(".ligase/server.token")).mode & 0o777).toBe(0o600);
    expect((await fetch(`${server.url}/v2/none/health`)).status).toBe(401);
    expect((await server.fetch("none/health")).status).toBe(404);
    const socket = readlinkSync(p.path(".ligase/server.socket"));
    expect(existsSync(socket)).toBe(true);
    await server.stop();
    expect((await server.command.ended).code).toBe(0);
    expect(existsSync(dirname(socket))).toBe(false);
    expect(readdirSync(p.path(".ligase")).filter((name) => /^server\.(?:json|token|socket)$/.test(name))).toEqual([]);
  });

  it("is the only one of its store, also after one that was killed", async () => {
    const p = project({});
    const first = await Served.start(p);
    const { code, stderr } = await ligase(p, ["serve", "--port", "0"]).ended;
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`a server runs for ${p.path(".ligase")} already, at ${first.url}`),
    ]);
    const socket = readlinkSync(p.path(".ligase/server.socket"));
    await first.kill();
    const second = await Served.start(p);
    expect(existsSync(dirname(socket))).toBe(false);
    await second.stop();
  });

  it("lets a job that runs finish when it is told to end, takes no other, and leaves no worker", async () => {
    const p = project({ "app.ts": APP });
    const server = await Served.start(p);
    await server.deploy("app.ts");
    const running = server.ask("slow/runsync", { input: { ms: 700 } });
    await eventually("the job runs", () => begun(p));
    const stopped = server.stop();
    expect(await running).toMatchObject({ status: "COMPLETED", output: 700 });
    await stopped;
    expect((await server.command.ended).code).toBe(0);
    expect(marked(p)).toEqual([]);
  });

  it("ends at once when it is told twice; the job begins again with the next server", async () => {
    const p = project({ "app.ts": APP });
    const server = await Served.start(p);
    await server.deploy("app.ts");
    const { id } = await server.ask("slow/run", { input: { ms: 500 } });
    await eventually("the job runs", () => begun(p));
    server.command.process.kill("SIGTERM");
    await eventually("it is ending", () => !p.exists(".ligase/server.json"));
    server.command.process.kill("SIGTERM");
    expect((await server.command.ended).code).toBe(1);
    await eventually("its workers are gone", () => marked(p).length === 0);
    const next = await Served.start(p);
    expect(await next.ask(`slow/status-sync/${String(id)}?wait=20000`)).toMatchObject({
      status: "COMPLETED",
      output: 500,
    });
    await next.stop();
  });

  it("writes JSON for log collectors, without keys", async () => {
    const p = project({});
    const { process: child, ended } = ligase(p, ["serve", "--port", "0", "--logs", "json", "--verbose"]);
    let out = "";
    child.stdout?.on("data", (text: string) => (out += text));
    await eventually("it is there", () => / at http/.test(out));
    const [, url] = / at (http\S+)/.exec(out) ?? [];
    const token = p.read(".ligase/server.token").trim();
    await fetch(`${url}/v2/none/health`, { headers: { Authorization: `Bearer ${token}` } });
    child.kill("SIGTERM");
    const { stderr } = await ended;
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: "info",
        msg: "request",
        path: "/v2/none/health",
        status: 404,
        time: expect.any(String),
      }),
    );
    expect(stderr).not.toContain(token);
  });
});
