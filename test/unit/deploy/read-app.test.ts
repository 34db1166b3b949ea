import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { appName } from "../../../src/cli/deploy/app-name.ts";
import { type App, readApp } from "../../../src/cli/deploy/read-app.ts";
import { readManifest } from "../../../src/endpoints/deployments/manifest.ts";
import type { EndpointManifest } from "../../../src/endpoints/types.ts";

/** Writes files to a fresh folder that goes when the test is over. */
function folder(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ligase-app-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Reads the `app.ts` of a fresh project. */
async function read(files: Readonly<Record<string, string>>, only?: string): Promise<App> {
  const root = folder({ "package.json": `{ "name": "demo" }`, ...files });
  const app = await readApp({ entry: join(root, "app.ts"), root, storeDir: join(root, ".ligase"), only });
  // The server takes whatever is read here.
  expect(readManifest(JSON.parse(JSON.stringify(app.manifest)))).toMatchObject({ app: "demo", entry: "app.ts" });
  return app;
}

async function endpoints(source: string, files = {}): Promise<Record<string, EndpointManifest>> {
  const text = `import { endpoint, Image, script, task, volume, web } from "ligase";\n${source}`;
  const { manifest } = await read({ "app.ts": text, ...files });
  return Object.fromEntries(manifest.endpoints.map((each) => [each.name, each]));
}

describe("readApp", () => {
  it("puts every default in place", async () => {
    const { fold, site } = await endpoints(`/** Folds. */
export const fold = endpoint((sequence: string, k = 3) => sequence.slice(k));
export const site = web(() => new Response("hi"));`);
    const minute = 60_000;
    expect(fold).toMatchObject({
      kind: "queue",
      doc: "Folds.",
      program: { kind: "node", export: "fold", bundle: expect.stringMatching(/^\.ligase\/code\/[0-9a-f]{40}\.mjs$/) },
      parameters: ["sequence", "k"],
      input: {
        properties: { sequence: { type: "string" }, k: { type: "number", default: 3 } },
        required: ["sequence"],
        additionalProperties: false,
      },
      minWorkers: 0,
      maxWorkers: 3,
      idleTimeout: 5000,
      scaler: { queueDelay: 4 },
      concurrency: 1,
      startTimeout: 5 * minute,
      executionTimeout: 10 * minute,
      ttl: 24 * 60 * minute,
      maxAttempts: 3,
      maxQueue: 10_000,
      keepResults: 24 * 60 * minute,
      cache: false,
      aggregateStream: true,
      image: null,
      network: false,
    });
    expect(site).toMatchObject({
      kind: "web",
      scaler: null,
      concurrency: 100,
      public: false,
      program: { kind: "web" },
    });
  });

  it("takes from the task what the endpoint does not say; what a script needs, its job gets", async () => {
    const found = await endpoints(`const tools = Image.debian("12").apt("bwa");
const predict = task({ image: tools, cpu: 2, memory: ({ attempt }) => attempt * 2 ** 30, gpu: "A100:2", secrets: ["TOKEN"],
  volumes: { "/weights": volume("weights").asReadOnly() }, env: { A: "task", B: "task" }, network: true },
  (sequence: string) => sequence);
export const own = endpoint(predict, { memory: "8 GiB", env: { A: "own" } });
const count = task({ image: tools, cpu: 4 }, (text: string) => script\`echo \${text} | wc -c\`);
export const scripted = endpoint(count);
export const cached = endpoint(predict, { cache: true });`);
    expect(found["own"]).toMatchObject({
      resources: { cpu: 2, memory: 8 * 2 ** 30, gpu: 2, gpuKind: "A100", disk: 0 },
      image: { layers: [{ debian: "12" }, { apt: ["bwa"] }] },
      volumes: [{ name: "weights", at: "/weights", readOnly: true }],
      secrets: ["TOKEN"],
      env: { A: "own", B: "task" },
      network: true,
    });
    // The call of one that is taken from the cache is a job of its own.
    expect(found["cached"]).toMatchObject({ image: null, resources: { gpu: 0 }, secrets: [], cache: true });
    expect(found["scripted"]).toMatchObject({ image: null, resources: { cpu: 0 }, parameters: ["text"] });
  });

  it("reads how an input becomes arguments: by name, as a whole, or unknown", async () => {
    const found = await endpoints(
      `import { known } from "./lib.ts";
export const whole_input = endpoint(({ a, b = 1 }: { a: string; b?: number }) => a + b);
export const mixed = endpoint((a: string, { b }: { b: number }) => a + b);
export const helper = endpoint(known);
export const unknown = endpoint(JSON.parse);
export const nothing = endpoint(() => 1);`,
      { "lib.ts": "export function known(x: number[]) { return x; }" },
    );
    expect(Object.keys(found)).toEqual(["whole-input", "mixed", "helper", "unknown", "nothing"]);
    expect(found["whole-input"]).toMatchObject({
      parameters: null,
      input: { required: ["a"], properties: { b: { default: 1 } } },
    });
    expect(found["mixed"]).toMatchObject({
      parameters: ["a", "options"],
      input: { properties: { options: { type: "object" } } },
    });
    expect(found["helper"]).toMatchObject({ parameters: ["x"], input: { properties: { x: { type: "array" } } } });
    expect(found["unknown"]).toMatchObject({ parameters: null, input: null });
    expect(found["nothing"]).toMatchObject({ parameters: [], input: { properties: {} } });
  });

  it("packs the project for a command, and the files that images are built from", async () => {
    const app = await read({
      "app.ts": `import { endpoint, Image } from "ligase";
const image = Image.debian("12").files("conf", "/etc/conf");
export const old = endpoint({ command: ["python3", "-u", "handler.py"], image });`,
      "handler.py": "print(1)",
      "conf/a.txt": "a",
      "conf/b/c.txt": "c",
    });
    const paths = app.manifest.code.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["handler.py", "app.ts", "package.json"]));
    const [old] = app.manifest.endpoints;
    expect(old).toMatchObject({
      program: { kind: "command" },
      network: true,
      input: null,
      codeHash: app.manifest.codeHash,
    });
    const at = /"path":"(\.ligase\/image\/[0-9a-f]{16}\/conf)"/.exec(JSON.stringify(old?.image))?.[1] ?? "";
    expect(paths.filter((path) => path.startsWith(at) && at !== "").toSorted()).toEqual([
      `${at}/a.txt`,
      `${at}/b/c.txt`,
    ]);
  });

  it("names one endpoint, and says so", async () => {
    const source = `import { endpoint } from "ligase";
export const one_more = endpoint((n: number) => n);
export const two = endpoint((n: number) => n, { name: "second" });`;
    expect((await read({ "app.ts": source }, "one_more")).manifest).toMatchObject({
      partial: true,
      endpoints: [{ name: "one-more" }],
    });
    expect((await read({ "app.ts": source }, "second")).manifest.endpoints).toMatchObject([{ name: "second" }]);
    await expect(read({ "app.ts": source }, "third")).rejects.toMatchObject({ code: "LIGASE_E_APP" });
  });

  it.each([
    ["nothing declared", "export const x = 1;", "LIGASE_E_APP"],
    [
      "two of one name",
      `export const a = endpoint(() => 1, { name: "x" });\nexport const x = endpoint(() => 1);`,
      "LIGASE_E_APP",
    ],
    ["a name that cannot be", "export const größe = endpoint(() => 1);", "LIGASE_E_ENDPOINT"],
    ["arguments that are gathered", "export const a = endpoint((...words: string[]) => words);", "LIGASE_E_ENDPOINT"],
    [
      "a volume in the work directory of a task",
      `const t = task({ volumes: { "./w": volume("w") } }, () => 1);\nexport const a = endpoint(t);`,
      "LIGASE_E_ENDPOINT",
    ],
  ])("refuses %s", async (_, source, code) => {
    await expect(endpoints(source)).rejects.toMatchObject({ code });
  });
});

it.each([
  ["app.ts", "demo"],
  ["other.ts", "demo-other"],
  ["examples/structure/app.ts", "demo-examples-structure"],
  ["a b/my_app.py", "demo-a-b-my-app"],
  ["index.ts", "demo"],
])("%s of a project is the app %s", (entry, name) => {
  expect(appName(folder({ "package.json": `{ "name": "@lab/demo" }` }), entry)).toBe(`lab-${name}`);
  expect(appName(folder({ "pyproject.toml": `[project]\nname = "demo"\n` }), entry)).toBe(name);
});
