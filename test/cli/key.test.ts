import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeyView } from "../../src/remote/index.ts";
import { project, type Started } from "./project.ts";

const p = project();
let server: Started;
let url = "";

beforeAll(async () => {
  server = p.start(["serve", "--port", "0", "--verbose"]);
  await server.printed("serving ");
  url = /serving \S+ at (\S+)/.exec(server.said())![1]!;
});

afterAll(async () => {
  server.child.kill("SIGTERM");
  await server.ended;
});

const statusWith = async (key: string, path = "/api/v1/endpoints"): Promise<number> =>
  (await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${key}` } })).status;

describe("ligase key", () => {
  it("makes a key that opens what it may, prints it alone, and revokes it", async () => {
    const made = await p.run("key", "create", "ci", "--verbs", "read,deploy", "--expires", "90d");
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^lgs_\w{52}\n$/);
    expect(made.stderr).toMatch(/key ci may read, deploy until \d{4}-/);
    const key = made.stdout.trim();
    expect([await statusWith(key), await statusWith(key, "/api/v1/keys")]).toEqual([200, 403]);
    expect(await p.ok("key", "ls")).toMatch(/^ci +\w{13} +lgs_\w{4}…\w{4} +read, deploy +used just now +until /);
    expect(await p.ok("key", "revoke", "ci")).toBe("key ci is revoked\n");
    expect(await statusWith(key)).toBe(401);
    expect(await p.ok("key", "ls")).toBe("");
    expect(await p.ok("key", "ls", "--all")).toContain("revoked just now");
  });

  it("says nothing of keys to anybody else", async () => {
    const { key, ...made } = await p.json<KeyView>(
      "key",
      "create",
      "notebook",
      "--endpoint",
      "fold",
      "--endpoint",
      "dock",
    );
    expect(made).toMatchObject({ name: "notebook", verbs: ["submit"], endpoints: ["fold", "dock"], expiresAt: null });
    const listed = await p.json<KeyView[]>("key", "ls");
    expect(listed).toMatchObject([made]);
    await statusWith(key!);
    const said = server.said() + JSON.stringify(listed) + p.read(".ligase/server.json");
    expect(said).not.toContain(key!.slice(12, 40));
    expect(said).not.toContain(p.read(".ligase/server.token").trim());
    // By the first letters of its id; a name stands in full.
    expect((await p.run("key", "revoke", "note")).code).toBe(2);
    expect(await p.ok("key", "revoke", made.id.slice(0, 8))).toBe("key notebook is revoked\n");
  });

  it("names what is wrong with a command line", async () => {
    const errors = async (...args: string[]): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await p.run("key", ...args);
      return [code, stderr];
    };
    const told = await Promise.all([
      errors("create"),
      errors("create", "a", "b"),
      errors("create", "a", "--verbs", "raed"),
      errors("create", "a", "--expires", "soon"),
      errors("revoke", "nobody"),
      errors("create", "a\nb"),
    ]);
    expect(told).toEqual([
      [2, expect.stringContaining("ligase key create needs one name")],
      [2, expect.stringContaining("needs one name")],
      [2, expect.stringContaining("did you mean read?")],
      [2, expect.stringContaining("--expires soon")],
      [2, expect.stringContaining("there is no key nobody")],
      [1, expect.stringContaining("LIGASE_E_KEY")],
    ]);
  });

  it("finds its server by the store, which only this user can ask so", async () => {
    expect(statSync(p.path(".ligase/server.token")).mode & 0o777).toBe(0o600);
    const elsewhere = project();
    expect(await elsewhere.run("key", "ls")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ligase serve"),
    });
    const { code } = await elsewhere.run("key", "ls", "--store", p.path(".ligase"));
    expect(code).toBe(0);
  });
});
