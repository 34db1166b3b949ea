import { expect, test } from "vitest";
import { answer, eventually, ligase, marked } from "./command.ts";
import { project, type Project } from "./project.ts";
import { type Answer, freePort, Served } from "./served.ts";

const APP = `
import { endpoint, map, script, task } from "ligase";
import { note, until } from "./lib/ledger.ts";

export const add = task((a: number, b: number) => {
  note("add");
  return a + b;
});
export const hello = task((name: string) => script\`echo hello \${name}\`);
export const gated = task(async () => {
  note("begun");
  await until("open");
  return "opened";
});
export const die = task(() => {
  note("die");
  process.kill(process.pid, "SIGKILL");
});
export const double = task((n: number) => {
  note("double");
  return add(n, n);
});

export const sum = endpoint(async (a: number, b: number) => {
  note("sum");
  return { sum: await add(a, b), says: await hello("you") };
});
export const many = endpoint((n: number) => map([1, 2, n], (x) => add(x, 10)));
export const plain = endpoint((n: number) => ({ twice: n * 2 }));
export const again = endpoint(double, { cache: true });
export const slow = endpoint(async () => ({ first: await add(1, 1), then: await gated() }));
export const mortal = endpoint(async () => {
  const said = await die().then(() => "alive", (error: { code: string }) => error.code);
  return [said, await add(2, 2)];
});
`;

const UNTIL = { timeout: 30_000, interval: 20 };

async function served(port = 0): Promise<{ p: Project; it: Served; log: (...argv: string[]) => Promise<Row[]> }> {
  const p = project({ "app.ts": APP });
  const it = await Served.start(p, { port });
  await it.deploy("app.ts");
  const log = async (...argv: string[]): Promise<Row[]> =>
    JSON.parse(await answer(ligase(p, ["log", ...argv, "--json"]))) as Row[];
  return { p, it, log };
}

interface Row {
  readonly id: string;
  readonly task: string;
  readonly state: string;
  readonly parent?: string | null;
  readonly tags: Readonly<Record<string, string>> | null;
}

/** The runs of an endpoint's jobs, once there are so many that have ended. */
async function runsOf(log: (...argv: string[]) => Promise<Row[]>, endpoint: string, count: number): Promise<Row[]> {
  let found: Row[] = [];
  await expect
    .poll(async () => {
      found = await log("--endpoint", endpoint);
      return found.filter(({ state }) => state !== "running").length;
    }, UNTIL)
    .toBe(count);
  return found;
}

const call = (it: Served, endpoint: string, input: unknown): Promise<Answer> =>
  it.ask(`${endpoint}/runsync`, { input });

test("a job is a run with the calls of its handler below; tasks are cached, handlers are not", async () => {
  const { p, it, log } = await served();
  const first = await call(it, "sum", { a: 1, b: 2 });
  expect(first).toMatchObject({ status: "COMPLETED", output: { sum: 3, says: "hello you\n" } });
  expect((await call(it, "sum", { a: 1, b: 2 }))["output"]).toEqual(first["output"]);
  expect(p.ran().toSorted()).toEqual(["add", "sum", "sum"]);
  const runs = await runsOf(log, "sum", 2);
  expect(runs.map(({ task, state }) => [task, state])).toEqual([
    ["endpoint:sum", "done"],
    ["endpoint:sum", "done"],
  ]);
  expect(runs.at(-1)?.tags).toEqual({ endpoint: "sum", job: first["id"] });
  const jobs = await log(runs.at(-1)?.id ?? "", "--jobs");
  const root = jobs.find(({ parent }) => parent === null);
  expect(
    jobs
      .filter(({ parent }) => parent === root?.id)
      .map(({ task }) => task)
      .toSorted(),
  ).toEqual(["add", "hello"]);

  expect(await call(it, "many", { n: 3 })).toMatchObject({ output: [11, 12, 13] });
  expect(await call(it, "plain", { n: 4 })).toMatchObject({ output: { twice: 8 } });
  await runsOf(log, "plain", 1);

  // A handler is taken from the cache where its endpoint says so.
  p.ran();
  for (let i = 0; i < 2; i++) expect(await call(it, "again", { n: 4 })).toMatchObject({ output: 8 });
  expect(p.ran().toSorted()).toEqual(["add", "double"]);

  // A driver that dies fails the call under way, and the handler goes on with another one.
  expect(await call(it, "mortal", {})).toMatchObject({ status: "COMPLETED", output: ["LIGASE_E_DRIVER", 4] });

  // All of them stay apart from what people ran.
  expect(await log()).toEqual([]);
});

test("cancelling a job ends what it called", async () => {
  const { p, it, log } = await served();
  const { id } = await it.ask("slow/run", { input: {} });
  await p.until("begun");
  expect(await it.ask(`slow/cancel/${String(id)}`, {})).toMatchObject({ status: "CANCELLED" });
  const [run] = await runsOf(log, "slow", 1);
  expect(run?.state).toBe("cancelled");
});

test("a server that is killed under a call: the job is done once, and what had finished is not run again", async () => {
  const port = await freePort();
  const { p, it, log } = await served(port);
  const { id } = await it.ask("slow/run", { input: {} });
  await p.until("begun");
  await it.kill();
  // What it had started ends by itself: nobody is left to answer to.
  await eventually("its workers and drivers are gone", () => marked(p).length === 0);
  p.note("open");
  const next = await Served.start(p, { port });
  await expect.poll(async () => (await next.ask(`slow/status/${String(id)}`))["status"], UNTIL).toBe("COMPLETED");
  expect(p.ran().filter((line) => line === "add")).toHaveLength(1);
  const runs = await runsOf(log, "slow", 2);
  expect(runs.map(({ state }) => state).toSorted()).toContain("done");
});
