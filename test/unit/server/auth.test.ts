import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openKeys } from "../../../src/endpoints/keys/index.ts";
import type { KeyView, NewKey } from "../../../src/remote/index.ts";
import type { ServerContext } from "../../../src/server/context.ts";
import { type Managed, manage } from "../../support/managed.ts";
import { tempDir } from "../files/temp-dir.ts";

const open: Managed[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(settings: Partial<ServerContext> = {}): Promise<Managed> {
  const server = await manage(tempDir(), settings);
  open.push(server);
  return server;
}

async function makeKey(server: Managed, key: Partial<NewKey> = {}): Promise<KeyView & { key: string }> {
  const answer = await server.ask("/api/v1/keys", { json: { name: "ci", verbs: ["read"], ...key } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as KeyView & { key: string };
}

const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status;

describe("the token of the server's user", () => {
  it("is in a file for this user alone, opens everything, and is gone with the server", async () => {
    const server = await serve();
    const path = join(server.storeDir, "server.token");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(server.token).toMatch(/^lgt_[0-9a-hjkmnp-tv-z]{52}$/);
    expect(await statusOf(server.ask("/api/v1/keys"))).toBe(200);
    await server.services.keys.close();
    expect(existsSync(path)).toBe(false);
  });

  it("is another at each start, and one server leaves that of another alone", async () => {
    const server = await serve();
    const { store, storeDir, token, services } = server;
    const second = await openKeys({ store, storeDir });
    const newer = readFileSync(join(storeDir, "server.token"), "utf8").trim();
    expect(newer).not.toBe(token);
    expect([second.check(token), second.check(newer)?.kind]).toEqual([undefined, "owner"]);
    await services.keys.close();
    expect(existsSync(join(storeDir, "server.token"))).toBe(true);
    await second.close();
  });

  it("replaces a file that others may read", async () => {
    const { store, storeDir, services } = await serve();
    await services.keys.close();
    writeFileSync(join(storeDir, "server.token"), "lgt_old\n", { mode: 0o644 });
    const keys = await openKeys({ store, storeDir });
    expect(statSync(join(storeDir, "server.token")).mode & 0o777).toBe(0o600);
    expect(keys.check("lgt_old")).toBeUndefined();
    await keys.close();
  });
});

describe("keys", () => {
  it("are said once, kept as hashes, and told apart by a hint", async () => {
    const server = await serve();
    const { key, ...made } = await makeKey(server, { name: "ada's laptop", verbs: ["submit"] });
    expect(key).toMatch(/^lgs_[0-9a-hjkmnp-tv-z]{52}$/);
    expect(made).toMatchObject({ name: "ada's laptop", verbs: ["submit"], endpoints: null, usedAt: null });
    expect(made.hint).toBe(`${key.slice(0, 8)}…${key.slice(-4)}`);
    expect(await (await server.ask("/api/v1/keys")).json()).toEqual([made]);
    const [row] = await server.store.listApiKeys();
    expect(JSON.stringify(row)).not.toContain(key.slice(9, 40));
    expect(server.warnings).toEqual([]);
  });

  it("are taken with Bearer and bare, and nothing else is", async () => {
    const server = await serve();
    const { key } = await makeKey(server);
    const tries: readonly (readonly [string | undefined, number])[] = [
      [`Bearer ${key}`, 200],
      [`bearer   ${key}`, 200],
      [key, 200],
      [undefined, 401],
      ["", 401],
      ["Bearer", 401],
      [`Basic ${key}`, 401],
      [`Bearer ${key} x`, 401],
      [`Bearer ${key.slice(0, -1)}`, 401],
      [`Bearer ${key}0`, 401],
      [`Bearer ${key.toUpperCase()}`, 401],
    ];
    for (const [authorization, status] of tries) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await server.ask("/api/v1/server", { key: null, headers });
      expect([authorization, answer.status]).toEqual([authorization, status]);
      if (status === 401) expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  it("open nothing once they are revoked, and tell who asks for another's", async () => {
    const server = await serve();
    const { key, id } = await makeKey(server);
    expect(await statusOf(server.ask("/api/v1/server", { key }))).toBe(200);
    expect(await statusOf(server.ask(`/api/v1/keys/${id}`, { method: "DELETE" }))).toBe(204);
    const refused = await server.ask("/api/v1/server", { key });
    expect([refused.status, await refused.json()]).toMatchObject([401, { error: { code: "LIGASE_E_UNAUTHORIZED" } }]);
    expect(await statusOf(server.ask("/api/v1/keys/nothing", { method: "DELETE" }))).toBe(404);
    // Its name is free again.
    await makeKey(server);
  });

  it("end when their time is over, at the moment", async () => {
    const server = await serve();
    const { key, expiresAt, createdAt } = await makeKey(server, { expiresIn: 60_000 });
    expect(expiresAt! - createdAt).toBe(60_000);
    server.ahead = 59_000;
    expect(await statusOf(server.ask("/api/v1/server", { key }))).toBe(200);
    server.ahead = 60_001;
    expect(await statusOf(server.ask("/api/v1/server", { key }))).toBe(401);
  });

  it("are there again at the next start, with when they were used", async () => {
    const server = await serve();
    const { key, id } = await makeKey(server, { endpoints: ["fold"], verbs: ["submit", "submit"] });
    await server.ask("/api/v1/endpoints", { key });
    await server.services.keys.close();
    const keys = await openKeys({ store: server.store, storeDir: server.storeDir });
    expect(keys.check(key)).toMatchObject({ kind: "key", id, name: "ci", endpoints: new Set(["fold"]) });
    const [view] = await keys.list();
    expect([view!.verbs, view!.usedAt]).toEqual([["submit"], expect.any(Number)]);
    await keys.close();
  });

  it("are written as used once a minute, not at each request", async () => {
    const server = await serve();
    let writes = 0;
    const rows = await server.store.listApiKeys();
    const store = {
      listApiKeys: async () => rows,
      putApiKey: async () => void writes++,
    };
    let now = 1_800_000_000_000;
    const keys = await openKeys({ store, storeDir: server.storeDir, now: () => now });
    const { key } = await keys.create({ name: "x", verbs: ["read"] });
    const uses = async (): Promise<number> => {
      const before = writes;
      for (let i = 0; i < 100; i++) keys.check(key);
      await keys.list();
      await new Promise((resolve) => setImmediate(resolve));
      return writes - before;
    };
    expect(await uses()).toBe(1);
    expect(await uses()).toBe(0);
    now += 60_000;
    expect(await uses()).toBe(1);
    await keys.close();
  });

  it.each<readonly [string, object, string]>([
    ["a name", { name: " " }, "name"],
    ["a shorter name", { name: "x".repeat(101) }, "1 to 100"],
    ["a name without control characters", { name: "a\u0007" }, "name"],
    ["a verb", { verbs: [] }, "verb"],
    ["a verb that there is", { verbs: ["raed"] }, "verbs.0 must be one of read, submit, deploy, admin"],
    ["names of endpoints", { endpoints: [""] }, "endpoints"],
    ["all endpoints where it may make keys", { verbs: ["admin"], endpoints: ["fold"] }, "admin"],
    ["an end that is to come", { expiresIn: 0 }, "expires"],
    ["an end in sight", { expiresIn: 1e15 }, "expires"],
    ["fields that it has", { scope: "all" }, "scope is not known"],
    ["verbs as a list", { verbs: "read" }, "verbs must be array"],
  ])("need %s", async (_what, key, says) => {
    const server = await serve();
    const answer = await server.ask("/api/v1/keys", { json: { name: "ci", verbs: ["read"], ...key } });
    const { error } = (await answer.json()) as { error: { message: string } };
    expect([answer.status, error.message]).toEqual([400, expect.stringContaining(says)]);
    expect(await server.services.keys.list()).toEqual([]);
  });

  it("have names of their own, also when two are made at once", async () => {
    const server = await serve();
    const make = () => server.ask("/api/v1/keys", { json: { name: "ci", verbs: ["read"] } });
    const statuses = await Promise.all([statusOf(make()), statusOf(make())]);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400]);
  });
});

describe("what a key may", () => {
  const CALLS: readonly (readonly [verb: string, method: string, path: string, body?: object])[] = [
    ["read", "GET", "/api/v1/endpoints"],
    ["read", "GET", "/api/v1/jobs"],
    ["read", "GET", "/metrics"],
    ["read", "GET", "/v2/fold/health"],
    ["submit", "POST", "/api/v1/endpoints/fold/purge"],
    ["submit", "POST", "/v2/fold/run", { input: 1 }],
    ["deploy", "POST", "/api/v1/endpoints/fold/scale", { maxWorkers: 2 }],
    ["deploy", "POST", "/api/v1/code/missing", { hashes: [] }],
    ["deploy", "POST", "/api/v1/runs", { code: [], entry: "a.ts", command: { task: "main", argv: [] } }],
    ["admin", "GET", "/api/v1/keys"],
    ["admin", "POST", "/api/v1/keys", { name: "other", verbs: ["read"] }],
  ];
  const MAY: Readonly<Record<string, readonly string[]>> = {
    read: ["read"],
    submit: ["read", "submit"],
    deploy: ["read", "deploy"],
    admin: ["read", "submit", "deploy", "admin"],
  };

  it.each(["read", "submit", "deploy", "admin"] as const)("%s and what that brings with it", async (verb) => {
    const server = await serve();
    const { key } = await makeKey(server, { verbs: [verb] });
    for (const [needs, method, path, json] of CALLS) {
      const answer = await server.ask(path, { method, key, ...(json && { json }) });
      expect([path, answer.status]).toEqual([path, MAY[verb]!.includes(needs) ? 200 : 403]);
    }
  });

  it("of the endpoints that it is for, and of no other", async () => {
    const server = await serve();
    server.deploy("dock");
    const { key } = await makeKey(server, { verbs: ["submit", "deploy"], endpoints: ["fold"] });
    const other = await server.services.queue.submit({ endpoint: "dock", sync: false, input: "1" });
    server.tell({ id: "w1", endpoint: "dock" });
    const refused: readonly (readonly [string, object?])[] = [
      ["/api/v1/endpoints/dock"],
      ["/api/v1/endpoints/dock/logs"],
      ["/api/v1/endpoints/dock/scale", { maxWorkers: 1 }],
      ["/v2/dock/run", { input: 1 }],
      [`/v2/dock/status/${other.id}`],
      ["/api/v1/deployments", { format: 1, app: "lab", code: [], endpoints: [{ name: "dock" }] }],
      [
        "/api/v1/deployments/plan",
        { format: 1, app: "lab", code: [], endpoints: [{ name: "fold" }, { name: "dock" }] },
      ],
      // Whoever deploys the app anew removes what it no longer names.
      ["/api/v1/deployments", { format: 1, app: "lab", code: [], endpoints: [{ name: "fold" }] }],
      ["/api/v1/apps/lab/stop", {}],
      ["/api/v1/runs/r1"],
      ["/metrics"],
    ];
    for (const [path, json] of refused) {
      const answer = await server.ask(path, { key, ...(json && { json }) });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    // What it may not see is not there.
    expect(await statusOf(server.ask(`/api/v1/jobs/${other.id}`, { key }))).toBe(404);
    expect(await statusOf(server.ask("/api/v1/workers/w1", { key }))).toBe(404);
    const listed = async (path: string): Promise<unknown> => (await server.ask(path, { key })).json();
    expect(await listed("/api/v1/jobs")).toEqual([]);
    expect(await listed("/api/v1/jobs?endpoint=dock")).toEqual([]);
    expect(await listed("/api/v1/workers")).toEqual([]);
    expect(await listed("/api/v1/endpoints")).toMatchObject([{ name: "fold" }]);
    expect(server.done).toEqual([]);
  });
});

describe("who asks too often", () => {
  it("is told when to come again, without holding up keys that are right", async () => {
    const server = await serve();
    const guess = () => server.ask("/api/v1/server", { key: "lgs_guess" });
    const statuses = new Set<number>();
    for (let i = 0; i < 30; i++) statuses.add((await guess()).status);
    expect([...statuses]).toEqual([401]);
    const late = await guess();
    expect([late.status, late.headers.get("retry-after")]).toEqual([429, "2"]);
    expect(await late.json()).toMatchObject({ error: { code: "LIGASE_E_RATE_LIMIT" } });
    expect(await statusOf(server.ask("/v2/fold/health", { key: "lgs_guess" }))).toBe(429);
    expect(await statusOf(server.ask("/api/v1/server"))).toBe(200);
    server.ahead = 2000;
    expect(await statusOf(guess())).toBe(401);
  });

  it("has a rate that the configuration says, for each key alone; the user has none", async () => {
    const server = await serve({ rateLimit: 5 });
    const { key } = await makeKey(server);
    const { key: other } = await makeKey(server, { name: "other" });
    const ask = () => statusOf(server.ask("/api/v1/server", { key }));
    const statuses = [];
    for (let i = 0; i < 12; i++) statuses.push(await ask());
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(statuses.at(-1)).toBe(429);
    expect(await statusOf(server.ask("/api/v1/server", { key: other }))).toBe(200);
    for (let i = 0; i < 20; i++) expect(await statusOf(server.ask("/api/v1/server"))).toBe(200);
    server.ahead = 1000;
    expect(await ask()).toBe(200);
  });
});

describe("pages of other origins", () => {
  const preflight = (server: Managed, origin: string) =>
    server.ask("/v2/fold/run", {
      method: "OPTIONS",
      key: null,
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });

  it("may call nothing by default", async () => {
    const server = await serve();
    const answer = await preflight(server, "https://evil.example");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("may if they are named", async () => {
    const server = await serve({ cors: ["https://lab.example"] });
    const good = await preflight(server, "https://lab.example");
    expect(good.headers.get("access-control-allow-origin")).toBe("https://lab.example");
    expect(good.headers.get("access-control-allow-headers")?.toLowerCase()).toContain("authorization");
    expect(good.headers.get("access-control-allow-credentials")).toBeNull();
    expect((await preflight(server, "https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    // A key is needed all the same.
    expect(
      await statusOf(server.ask("/api/v1/server", { key: null, headers: { origin: "https://lab.example" } })),
    ).toBe(401);
  });
});
