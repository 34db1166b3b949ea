import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, describe, expect, it } from "vitest";
import type { OpenApiDocument } from "../../../src/server/openapi/document.ts";
import { exampleOf } from "../../../src/server/openapi/example.ts";
import { type Managed, manage } from "../../support/managed.ts";
import { tempDir } from "../files/temp-dir.ts";

const open: Managed[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(): Promise<Managed> {
  const server = await manage(tempDir());
  open.push(server);
  return server;
}

const INPUT = {
  type: "object",
  properties: {
    sequence: { type: "string", description: "Letters <b>of</b> residues." },
    steps: { type: "integer", default: 200 },
    chain: { $ref: "#/$defs/Chain" },
  },
  required: ["sequence"],
  additionalProperties: false,
  $defs: { Chain: { enum: ["A", "B"] } },
};

interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Record<string, unknown> }> };
}

const descriptionOf = async (server: Managed, key: string | null): Promise<OpenApiDocument> =>
  (await (await server.ask("/openapi.json", { key })).json()) as OpenApiDocument;

function operationsOf({ paths }: OpenApiDocument): Map<string, Operation> {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation as Operation] as const,
    ),
  );
  return new Map(all);
}

describe("GET /openapi.json", () => {
  it("has every route of the server that clients call, and no other", async () => {
    const server = await serve();
    const described = new Set(operationsOf(await descriptionOf(server, null)).keys());
    // Workers have a protocol of their own, links are signed, web apps say themselves what they are.
    const others = /job-|\/ping\/|\/output\/|^\S+ \/(?:files|web|docs|openapi\.json|\*|$)/;
    const routed = server.app.routes
      // What stands before all routes, and behind them.
      .filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
      .map(
        ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}").replace(/(.)\/$/, "$1")}`,
      )
      .filter((route) => !others.test(route));
    const missing = [...new Set(routed)].filter((route) => !described.has(route));
    // RunPod's clients ask for some by POST too; one way is enough to be told.
    expect(missing.filter((route) => !described.has(route.replace(/^POST/, "GET")))).toEqual([]);
    const known = new Set(routed);
    expect([...described].filter((route) => !known.has(route))).toEqual([]);
    expect(described.size).toBeGreaterThan(40);
  });

  it("has each endpoint with its input for who has a key, and none for others", async () => {
    const server = await serve();
    server.deploy("fold", { input: INPUT, doc: "Folds." });
    server.deploy("site", { kind: "web", public: true });
    const general = operationsOf(await descriptionOf(server, null));
    expect([...general.keys()].filter((path) => path.includes("fold") || path.includes("site"))).toEqual([]);
    const all = operationsOf(await descriptionOf(server, server.token));
    const run = all.get("POST /v2/fold/runsync")!;
    expect([run.operationId, run.tags]).toEqual(["v2.fold.runsync", ["Endpoint fold"]]);
    const { schema } = run.requestBody!.content["application/json"]!;
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    expect(
      [{ input: { sequence: "ACD", chain: "A" } }, { input: { sequence: "ACD", chain: "C" } }, { input: {} }].map(
        (body) => check(body),
      ),
    ).toEqual([true, false, false]);
    expect(all.has("GET /web/site/")).toBe(true);
    const { key } = await server.services.keys.create({ name: "x", verbs: ["read"], endpoints: ["dock"] });
    expect(operationsOf(await descriptionOf(server, key)).has("POST /v2/fold/run")).toBe(false);
    expect((await server.ask("/openapi.json", { key: "lgs_wrong" })).status).toBe(401);
  });

  it("names every operation once, and refers to nothing that is not there", async () => {
    const server = await serve();
    server.deploy("fold", { input: INPUT });
    server.deploy("a/b c", { input: { type: "integer" } });
    const document = await descriptionOf(server, server.token);
    const ids = [...operationsOf(document).values()].map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const schemas = (document["components"] as { schemas: Record<string, unknown> }).schemas;
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
    expect(refs.length).toBeGreaterThan(50);
    expect(refs.filter((name) => !(name in schemas))).toEqual([]);
    expect(document.paths["/v2/a%2Fb%20c/run"]).toBeDefined();
    // Each parameter of a path is explained.
    for (const [path, methods] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(methods)) {
        const { parameters = [] } = operation as { parameters?: { name: string; in: string }[] };
        const told = parameters.filter((each) => each.in === "path").map(({ name }) => name);
        expect([path, told]).toEqual([path, path === "/health" || path === "/metrics" ? [] : inPath]);
      }
    }
  });
});

describe("GET /docs", () => {
  it("shows to everybody what every server has, and its endpoints to who has a key", async () => {
    const server = await serve();
    server.deploy("fold", { input: INPUT, doc: "Folds <script>alert(1)</script>." });
    const answer = await server.ask("/docs", { key: null });
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toContain("/api/v1/endpoints/{endpoint}/scale");
    expect(text).not.toContain("Folds");
    const form = (key: string) =>
      server.ask("/docs", {
        key: null,
        body: new URLSearchParams({ key }).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
    const known = await (await form(server.token)).text();
    expect(known).toContain("Folds &lt;script&gt;alert(1)&lt;/script&gt;.");
    expect(known).toContain("Letters &lt;b&gt;of&lt;/b&gt; residues.");
    expect(known).toContain("/v2/fold/runsync");
    expect(known).not.toContain(server.token);
    const wrong = await form("lgs_wrong");
    expect([wrong.status, await wrong.text()]).toEqual([200, expect.stringContaining("This key is not known.")]);
    expect((await form("x".repeat(5000))).status).toBe(413);
  });

  it("loads nothing, runs nothing, and can be framed by nobody", async () => {
    const server = await serve();
    const answer = await server.ask("/docs", { key: null });
    const policy = answer.headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("script-src");
    const text = await answer.text();
    expect(text).not.toMatch(/<script|<link|<img|@import|url\(|\son\w+=/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("leads by its links only to what is in it", async () => {
    const server = await serve();
    server.deploy("fold", { input: INPUT });
    const text = await (await server.ask("/docs")).text();
    const all = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    const ids = new Set(all);
    expect(all.length).toBe(ids.size);
    const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe("examples", () => {
  it.each([
    [{}, {}],
    [{ type: "string" }, "text"],
    [{ type: "string", format: "path" }, "/path/to/file"],
    [{ type: "integer", minimum: 3 }, 3],
    [{ default: false }, false],
    [{ enum: ["a", "b"] }, "a"],
    [{ anyOf: [{ type: "null" }, { type: "string" }] }, null],
    [{ type: ["integer", "string"] }, 1],
    [{ type: "array", items: { type: "boolean" } }, [true]],
    [{ type: "object", properties: { a: { type: "string" }, b: { type: "string" } }, required: ["b"] }, { b: "text" }],
    [{ type: "object", properties: { a: { type: "number" } } }, { a: 1 }],
  ])("of %j is %j", (schema, example) => {
    expect(exampleOf(schema)).toEqual(example);
  });

  it("of what contains itself ends", () => {
    const tree: Record<string, unknown> = { type: "object" };
    tree["properties"] = { left: tree, right: { type: "array", items: tree } };
    expect(JSON.stringify(exampleOf(tree)).length).toBeLessThan(2000);
  });
});
