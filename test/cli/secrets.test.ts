import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Ended, project, type Project } from "./project.ts";

/** A project whose user has a configuration of their own. */
class Home {
  readonly p: Project = project();
  readonly env = { XDG_CONFIG_HOME: this.p.path("home"), LIGASE_SECRETS_KEY: undefined };

  secret(argv: readonly string[], stdin = "", env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.p.start(["secret", ...argv], { env: { ...this.env, ...env }, stdin: Buffer.from(stdin) }).ended;
  }

  get key(): string {
    return this.p.path("home/ligase/secrets.key");
  }

  /** All bytes that lie in the project, but those of the user's configuration. */
  stored(): string {
    const dir = this.p.path(".ligase");
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
      .join();
  }
}

describe.concurrent("ligase secret", () => {
  it("sets from stdin, lists without values, removes", async () => {
    const h = new Home();
    expect((await h.secret(["ls"])).stderr).toContain("there are no secrets");
    expect(existsSync(h.p.path(".ligase"))).toBe(false);
    expect(await h.secret(["set", "NCBI_API_KEY"], "s3cr3t-value\n")).toMatchObject({
      code: 0,
      stdout: "secret NCBI_API_KEY is set\n",
      stderr: "",
    });
    expect(statSync(h.key).mode & 0o777).toBe(0o600);
    expect(statSync(join(h.key, "..")).mode & 0o777).toBe(0o700);
    expect((await h.secret(["set", "NCBI_API_KEY"], "an0ther-value")).stdout).toBe("secret NCBI_API_KEY is changed\n");
    expect((await h.secret(["ls"])).stdout).toBe("NCBI_API_KEY  set just now\n");
    expect(JSON.parse((await h.secret(["ls", "--json"])).stdout)).toEqual([
      { name: "NCBI_API_KEY", from: "store", createdAt: expect.any(Number), updatedAt: expect.any(Number) },
    ]);
    expect(h.stored()).not.toMatch(/s3cr3t-value|an0ther-value/);
    expect((await h.secret(["rm", "NCBI_API_KEY"])).stdout).toBe("secret NCBI_API_KEY is removed\n");
    expect((await h.secret(["rm", "NCBI_API_KEY"])).code).toBe(1);
    expect((await h.secret(["rm", "-f", "NCBI_API_KEY"])).code).toBe(0);
  });

  it("reads a file, whose lines stay as they are", async () => {
    const h = new Home();
    writeFileSync(h.p.path("key.pem"), "-----BEGIN-----\nabc\n-----END-----\n");
    expect((await h.secret(["set", "PEM", "--from-file", "key.pem"])).code).toBe(0);
    expect((await h.secret(["set", "PEM", "--from-file", "nope.pem"])).stderr).toContain(
      "cannot read the secret in nope.pem",
    );
    writeFileSync(h.p.path("bytes"), Buffer.of(0xff, 0xfe));
    expect((await h.secret(["set", "B", "--from-file", "bytes"])).stderr).toContain("no text in UTF-8");
  });

  it("says where the environment stands before the store", async () => {
    const h = new Home();
    await h.secret(["set", "TOKEN"], "stored-value");
    const { stdout } = await h.secret(["ls"], "", { LIGASE_SECRET_TOKEN: "g1ven", LIGASE_SECRET_CI: "g1ven-too" });
    expect(stdout).toMatch(
      /^CI +LIGASE_SECRET_CI in the environment\nTOKEN +set just now +LIGASE_SECRET_TOKEN in the environment\n$/,
    );
    expect(stdout).not.toContain("g1ven");
  });

  it("takes its key from the environment, and makes no file then", async () => {
    const h = new Home();
    const key = { LIGASE_SECRETS_KEY: "correct horse battery" };
    expect((await h.secret(["set", "TOKEN"], "value-1", key)).code).toBe(0);
    expect(existsSync(h.key)).toBe(false);
    expect((await h.secret(["set", "TOKEN"], "value-1")).stderr).toContain(
      "the key with which TOKEN was sealed is not here",
    );
  });

  it.each([
    [["set"], "", 2, "needs <secret>"],
    [["sett", "X"], "", 2, "did you mean ligase secret set?"],
    [["set", "TOKEN", "hunter2hunter2"], "", 2, "takes a name alone"],
    [["set", "TOKEN=hunter2hunter2"], "", 2, "takes a name alone"],
    [["set", "A-B"], "value", 1, "cannot be the name of a secret"],
    [["set", "PATH"], "value", 1, "this variable has another use"],
    [["set", "TOKEN"], "", 1, "it is empty"],
    [["set", "TOKEN"], "\n", 1, "it is empty"],
    [["set", "TOKEN"], "a\0b", 1, "it holds a NUL"],
    [["ls", "TOKEN"], "", 2, "takes no names"],
    [["rm"], "", 2, "needs <secret>"],
    [["rm", "TOKEM"], "", 1, "there is no secret TOKEM"],
  ])("%j with %j: one clear error, which does not say the value", async (argv, stdin, code, message) => {
    const h = new Home();
    const ended = await h.secret(argv, stdin);
    expect(ended.stderr).toContain(message);
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toContain("hunter2");
    expect(ended.stderr.match(/^error/gm)).toHaveLength(1);
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });

  it("refuses a key that others may read, with the mend", async () => {
    const h = new Home();
    await h.secret(["set", "TOKEN"], "value-1");
    chmodSync(h.key, 0o644);
    expect(await h.secret(["set", "OTHER"], "value-2")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/may be read by others\n.*chmod 600 /),
    });
    // Names need no key.
    expect((await h.secret(["ls"])).stdout).toContain("TOKEN");
  });

  it("first secrets set at once are sealed with one key", async () => {
    const h = new Home();
    const names = ["A", "B", "C", "D"];
    const ended = await Promise.all(names.map((name) => h.secret(["set", name], `value-of-${name}`)));
    for (const { code } of ended) expect(code).toBe(0);
    chmodSync(h.key, 0o600);
    expect((await h.secret(["ls"])).stdout.match(/^[A-D] /gm)).toHaveLength(4);
  });
});

const WORKFLOW = `
import { script, task } from "ligase";
const secrets = ["TOKEN"];
export const says = task({ secrets }, () => script\`echo "token is $TOKEN"; echo "err $TOKEN" >&2; printf %s "$TOKEN" | base64\`);
export const dies = task({ secrets }, () => script\`echo "dying with $TOKEN" >&2; exit 3\`);
export const throws = task({ secrets }, async () => { throw new Error("401 for " + process.env.TOKEN); });
export const leaks = task({ secrets }, async () => ({ header: "Bearer " + process.env.TOKEN }));
export const uses = task({ secrets }, async () => (process.env.TOKEN ?? "").length);
export const snoops = task({ cpu: 1 }, () => script\`env | grep -c -e LIGASE_SECRET -e TOKEN || true\`);
export const misses = task({ secrets: ["TOKEM"] }, async () => 1);
`;

/** Every form in which the value could be found. */
const VALUE = /s3cr3t-value|czNjcjN0LXZhbHVl|7333637233742d/;

describe.concurrent("tasks with secrets", () => {
  async function home(): Promise<Home> {
    const h = new Home();
    h.p.write("w.ts", WORKFLOW);
    expect((await h.secret(["set", "TOKEN"], "s3cr3t-value\n")).code).toBe(0);
    return h;
  }
  const run = (h: Home, ...argv: readonly string[]): Promise<Ended> =>
    h.p.start(["run", "w.ts", ...argv], { env: h.env }).ended;
  /** What the whole record says of it, too. */
  async function isClean(h: Home, ended: Ended): Promise<void> {
    expect(ended.stdout + ended.stderr).not.toMatch(VALUE);
    expect(h.stored()).not.toMatch(VALUE);
    for (const words of [
      ["log", "--json"],
      ["log", "@", "--json"],
      ["logs"],
      ["why"],
      ["report", "--out", "r.html"],
      ["export", "--out", "x.tar"],
      ["bundle", "--out", "b"],
    ]) {
      const { stdout, stderr } = await h.p.run(...words);
      expect(stdout + stderr).not.toMatch(VALUE);
    }
    const written = ["r.html", "x.tar"].map((path) => h.p.read(path)).join("");
    expect(written.length).toBeGreaterThan(10_000);
    expect(written).not.toMatch(VALUE);
  }

  it("get them as variables; what a script prints of them is taken out", async () => {
    const h = await home();
    expect((await run(h, "uses")).stdout).toBe("12\n");
    const ended = await run(h, "says");
    expect(ended).toMatchObject({ code: 0, stdout: "token is ***\n***\n" });
    await isClean(h, ended);
  });

  it.each([
    ["dies", "dying with ***"],
    ["throws", "401 for ***"],
    ["leaks", "the result of leaks holds the secret TOKEN"],
  ])("that %s tell nobody", async (task, message) => {
    const h = await home();
    const ended = await run(h, task);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
    await isClean(h, ended);
  });

  it("are told by name what is not set, and how to set it", async () => {
    const h = await home();
    const { code, stderr } = await run(h, "misses");
    expect(code).toBe(1);
    expect(stderr).toMatch(/misses needs the secret TOKEM, which is not set\n.*did you mean TOKEN\?/);
    expect(stderr).toContain("LIGASE_E_SECRET");
  });

  it("that name none find none, nor what opens them", async () => {
    const h = await home();
    const env = { ...h.env, LIGASE_SECRET_TOKEN: "given-value", LIGASE_SECRETS_KEY: "correct horse battery" };
    expect(await h.p.start(["run", "w.ts", "snoops"], { env }).ended).toMatchObject({ code: 0, stdout: "0\n" });
    const used = await h.p.start(["run", "w.ts", "uses"], { env }).ended;
    expect(used.stdout).toBe("11\n");
  });

  it("run again for no other value: it has no part in the key", async () => {
    const h = await home();
    await run(h, "uses");
    await h.secret(["set", "TOKEN"], "another-value-of-it");
    expect(await run(h, "uses")).toMatchObject({ stdout: "12\n", stderr: expect.stringContaining("cached") });
  });

  it("that are typed as words of a command or tags of a run are not recorded so", async () => {
    const h = await home();
    const ended = await run(h, "uses", "--tag", "key=s3cr3t-value");
    await isClean(h, ended);
    expect((await h.p.json<{ tags: object }[]>("log"))[0]).toMatchObject({ tags: { key: "***" } });
  });
});

it("no secret is in an export, and none arrives with an import", async () => {
  const h = new Home();
  h.p.write("w.ts", 'import { task } from "ligase"; export const main = task(() => 1);');
  await h.secret(["set", "TOKEN"], "s3cr3t-value");
  await h.p.ok("run", "w.ts");
  await h.p.ok("export", "--out", "run.tar");
  const archive = h.p.read("run.tar");
  expect(archive).toContain('["runs"');
  expect(archive).not.toMatch(/secrets|TOKEN|s3cr3t/);
  const other = new Home();
  await other.p.ok("import", h.p.path("run.tar"));
  expect((await other.secret(["ls"])).stdout).toBe("");
});
