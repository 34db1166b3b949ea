import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { answer, type Command, type Ended, ligase } from "./command.ts";
import { project, type Project } from "./project.ts";
import { freePort, Served } from "./served.ts";

const REGISTER = fileURLToPath(new URL("../../src/register.ts", import.meta.url));

const FLOW = `
export const add = task((a: number, b: number) => {
  note("add");
  return a + b;
});
export const hello = task((name: string) => script\`echo hello \${name}\`);
export const length = task(async (text: File) => {
  note(text.path);
  return (await text.text()).length;
});
export const broken = task((n: number): number => {
  throw new RangeError(n + " is too much");
});
export const gated = task(async () => {
  note("begun");
  await until("open");
  return "opened";
});
export const main = task((x: number) => ({ sum: add(x, 1), says: hello("you") }));
`;

/** A project with a server, and another one whose runs go there. */
async function served(port = 0): Promise<{ server: Project; here: Project; it: Served; env: Record<string, string> }> {
  const server = project({});
  const here = project(FLOW);
  const it = await Served.start(server, { port, env: { LEDGER: here.ledger } });
  return { server, here, it, env: { LIGASE_API_KEY: it.token, XDG_CONFIG_HOME: here.path("home") } };
}

/** Another address of a server, as behind \`ssh -L\`: nothing of this machine is seen there. */
async function forwarded(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

/** Runs a program of a project. */
function program(here: Project, file: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--import", REGISTER, file], {
    cwd: here.root,
    env: { ...process.env, LEDGER: here.ledger, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  onTestFinished(() => void child.kill("SIGKILL"));
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr })));
}

describe("ligase run --context", () => {
  test("runs a task on the server, and prints what it wrote and its result", async () => {
    const { server, here, it, env } = await served();
    const run = (...argv: string[]): Command => ligase(here, ["run", "--context", it.url, "workflow.ts", ...argv], env);
    const { code, stdout, stderr } = await run("main", "--x", "1", "--json").ended;
    expect(stderr).toContain("hello you");
    expect([code, stdout]).toEqual([0, '{"says":"hello you\\n","sum":2}\n']);
    // The record is that of the server, and what ran there is not run again.
    expect(here.exists(".ligase/store.db")).toBe(false);
    expect(await answer(ligase(server, ["log", "--columns", "task,state"]))).toContain("main");
    here.ran();
    expect(await answer(run("main", "--x", "1", "--json"))).toBe(stdout);
    expect(here.ran()).toEqual([]);

    const failed = await run("broken", "--n", "7").ended;
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("7 is too much");

    const wrong = await run("main", "--x", "1", "--cpus", "2").ended;
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("--cpus");
  });

  test("sends the files that it is given, where the server does not see them", async () => {
    const { here, it, env } = await served();
    here.write({ "reads.txt": "GATTACA" });
    const far = await forwarded(it.url);
    expect(
      await answer(ligase(here, ["run", "--context", far, "workflow.ts", "length", "--text", "reads.txt"], env)),
    ).toBe("7\n");
    expect(
      await answer(
        ligase(here, ["run", "--context", it.url, "workflow.ts", "length", "--text", "reads.txt", "--no-cache"], env),
      ),
    ).toBe("7\n");
    const [sent, seen] = here.ran();
    expect(sent).toMatch(/\/reads\.txt$/);
    expect(sent).not.toBe(here.path("reads.txt"));
    expect(seen).toBe(here.path("reads.txt"));
  });

  test("Ctrl+C ends it on the server", async () => {
    const { server, here, it, env } = await served();
    const command = ligase(here, ["run", "--context", it.url, "workflow.ts", "gated"], env);
    await here.until("begun");
    command.process.kill("SIGINT");
    expect((await command.ended).code).toBe(130);
    expect(await answer(ligase(server, ["log", "--columns", "task,state"]))).toMatch(/gated +cancelled/);
  });

  test("a server that is killed leaves the run as it is, and the next one has its result", async () => {
    const port = await freePort();
    const { server, here, it: first, env } = await served(port);
    // A token is good for one server, a key for all that come.
    const key = (await answer(ligase(server, ["key", "create", "ci", "--verbs", "deploy"]))).trim();
    const command = ligase(here, ["run", "--context", first.url, "workflow.ts", "gated"], {
      ...env,
      LIGASE_API_KEY: key,
    });
    await here.until("begun");
    await first.kill();
    here.note("open");
    await Served.start(server, { port, env: { LEDGER: here.ledger } });
    const { code, stdout } = await command.ended;
    expect([code, stdout]).toEqual([0, "opened\n"]);
    expect(here.ran().filter((line) => line === "begun")).toHaveLength(1);
  });
});

test("an ordinary program runs its expressions on a server, and itself only here", async () => {
  const { here, it, env } = await served();
  here.write({
    "app.ts": `
import { appendFileSync } from "node:fs";
import { map, run, spawn } from "ligase";
import { add, broken, hello } from "./workflow.ts";

appendFileSync(process.env.LEDGER, "started\\n");
const handle = await spawn(hello("there"), { name: "greeting" });
const lines = [];
for await (const { task, text } of handle.logs()) lines.push(task + ": " + text);
const sums = await run(map([1, 2, 3], (n) => add(n, 10)));
const failure = await run(broken(3)).catch((error) => error.name + ": " + error.message);
const local = await run(add(0, 0), { context: "local" });
console.log(JSON.stringify([lines, await handle.result, handle.status().state, sums, failure, local]));
`,
  });
  const { code, stdout, stderr } = await program(here, "app.ts", { ...env, LIGASE_CONTEXT: it.url });
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual([
    ["hello: hello there"],
    "hello there\n",
    "done",
    [11, 12, 13],
    "RangeError: 3 is too much",
    0,
  ]);
  expect(here.ran().filter((line) => line === "started")).toHaveLength(1);

  const away = await program(here, "app.ts", { ...env, LIGASE_CONTEXT: "tean" });
  expect(away.code).toBe(1);
  expect(away.stderr).toContain("LIGASE_E_CONTEXT");
});
