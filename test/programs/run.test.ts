import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../..");
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-program-"));
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(REPOSITORY, join(dir, "node_modules/ligase"));
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a program as people would, from the sources of this package. */
function program(text: string, register = true) {
  writeFileSync(join(dir, "app.ts"), text);
  const start = register ? ["--import", join(REPOSITORY, "src/register.ts")] : [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...start, "app.ts"], {
    cwd: dir,
    encoding: "utf8",
    env: { ...process.env, LEDGER: join(dir, "ledger"), NODE_NO_WARNINGS: "1" },
  });
  return { status, stdout, stderr };
}

const ledger = () => readFileSync(join(dir, "ledger"), "utf8").trim().split("\n");

const TASKS = `
import { appendFileSync } from "node:fs";
import { map, run, script, spawn, task } from "ligase";
const square = task((n: number) => { appendFileSync(process.env.LEDGER!, "square\\n"); return n * n; });
const slow = task(async (n: number) => { await new Promise((r) => setTimeout(r, 300)); appendFileSync(process.env.LEDGER!, "slow\\n"); return n; });
const say = task((word: string) => script({ outputs: "said.txt" })\`echo "hello" \${word}; echo said > said.txt\`);
const bad = task((n: number): number => { throw new RangeError("too much: " + n); });
`;

test("run evaluates calls, structures of them and maps, and repeats nothing", () => {
  const text = `${TASKS}
console.log(JSON.stringify([await run(square(3)), await run({ a: square(3), b: [square(4)] }), await run(map([1, 2], (n) => square(n)))]));`;
  expect(program(text)).toMatchObject({ status: 0, stdout: '[9,{"a":9,"b":[16]},[1,4]]\n', stderr: "" });
  expect(ledger()).toHaveLength(4);
  expect(program(text)).toMatchObject({ status: 0 });
  expect(ledger()).toHaveLength(4);
});

test("spawn gives a handle at once; two runs of one program do not repeat each other's calls", () => {
  const { status, stdout, stderr } = program(`${TASKS}
const [one, two] = [await spawn([slow(1)]), await spawn([slow(1), slow(2)])];
console.log(one.status().state, one.id !== two.id);
console.log(JSON.stringify([await one.result, await two.result]), one.status().state);`);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "running true\n[[1],[1,2]] done\n", stderr: "" });
  expect(ledger()).toHaveLength(2);
});

test("run takes a sample of every map, or stubs, and other runs nothing of them", () => {
  const { status, stdout, stderr } = program(`${TASKS}
const twice = task({ stub: () => 0 }, (n: number) => { appendFileSync(process.env.LEDGER!, "twice\\n"); return 2 * n; });
const all = task((list: number[]) => map(list, (n) => twice(square(n))));
console.log(JSON.stringify([
  await run(all([1, 2, 3]), { sample: 2 }),
  await run(all([1, 2]), { stub: true }),
  await run(all([1])),
]));
await run(all([1]), { sample: 0 }).catch((error) => console.log(error.code));`);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "[[2,8],[0,0],[2]]\nLIGASE_E_OPTION\n", stderr: "" });
  expect(ledger().toSorted()).toEqual([...Array(5).fill("square"), ...Array(3).fill("twice")]);
});

test("a handle cancels, and gives the lines that its jobs write", () => {
  const { status, stdout, stderr } = program(`${TASKS}
const handle = await spawn(say("ligase"));
for await (const line of handle.logs()) console.log(line.task, line.stream, line.text);
const other = await spawn([slow(7), slow(8)]);
await other.cancel();
await other.result.catch((error) => console.log(error.code, other.status().state));`);
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: "say stdout hello ligase\nLIGASE_E_CANCELLED cancelled\n",
    stderr: "",
  });
});

test("an error keeps its type, and its stack the lines of the program", () => {
  const { stdout } = program(`${TASKS}
await run(bad(5)).catch((error) => console.log(error instanceof RangeError, error.message, /app\\.ts:\\d+/.test(error.stack)));`);
  expect(stdout).toBe("true too much: 5 true\n");
});

test("without ligase/register the error says what to do", () => {
  symlinkSync(join(REPOSITORY, "src"), join(dir, "src"));
  const { status, stderr } = program(
    `import { run, task } from "${join(REPOSITORY, "src/index.ts")}"; await run(task({ name: "one" }, () => 1)());`,
    false,
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/ligase\/register/);
});
