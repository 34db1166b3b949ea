import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CodeFile, codeHashOf } from "../../../src/code/pack/index.ts";
import { openDeployments } from "../../../src/endpoints/deployments/index.ts";
import { CodeStore } from "../../../src/endpoints/deployments/code-store.ts";
import { readManifest } from "../../../src/endpoints/deployments/manifest.ts";
import type { Deployments, LiveEndpoint } from "../../../src/endpoints/index.ts";
import type { QueueSettings } from "../../../src/endpoints/queue/types.ts";
import type { DeploymentManifest, EndpointManifest } from "../../../src/endpoints/types.ts";
import { silentLog } from "../../../src/kernel/index.ts";
import { openProject } from "../../../src/project/project.ts";
import { MANIFEST } from "../../support/live-endpoint.ts";

/** A file of code, and its content. */
function file(path: string, text: string, executable = false): CodeFile & { readonly text: string } {
  return {
    path,
    hash: createHash("sha256").update(text).digest("hex"),
    size: Buffer.byteLength(text),
    executable,
    text,
  };
}

const BUNDLE = ".ligase/code/app.mjs";

/** An endpoint as `ligase deploy` sends it, with what is usual. */
function sent(name: string, codeHash: string, fields: Partial<EndpointManifest> = {}): EndpointManifest {
  const input = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const program = { kind: "node", bundle: BUNDLE, export: name } as const;
  return { ...MANIFEST, name, program, codeHash, input, maxWorkers: 3, requestTimeout: 300_000, ...fields };
}

interface Wanted {
  readonly code?: string;
  readonly app?: string;
  readonly partial?: boolean;
  readonly files?: readonly (CodeFile & { readonly text: string })[];
}

/** A manifest with these endpoints, and its files. */
function app(
  endpoints: Readonly<Record<string, Partial<EndpointManifest>>>,
  { code = "1", app: name = "demo", partial, files = [] }: Wanted = {},
) {
  const all = [file(BUNDLE, `export const code = ${code};`), ...files];
  const rows = all.map(({ path, hash, size, executable }) => ({ path, hash, size, executable }));
  const codeHash = codeHashOf(rows);
  const manifest: DeploymentManifest = {
    format: 1,
    app: name,
    entry: "app.ts",
    code: rows,
    codeHash,
    bundle: BUNDLE,
    endpoints: Object.entries(endpoints).map(([each, fields]) => sent(each, codeHash, fields)),
    ...(partial !== undefined && { partial }),
    gitCommit: null,
    gitDirty: null,
    ligaseVersion: "1",
  };
  return { manifest, files: all };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  for (const char of text) yield Buffer.from(char);
}

/** What is deployed in a fresh store, with a queue and pools that only listen. */
async function opened(storeDir = join(folder(), ".ligase"), brokenFirst?: string) {
  const project = await openProject(join(storeDir, ".."), { store: storeDir, gpus: 0, memory: "8 GiB", cpus: 4 });
  const queue = new Map<string, QueueSettings>();
  const configured: (readonly LiveEndpoint[])[] = [];
  /** Deployments whose workers fail, and why. */
  const broken = new Map<string, string>();
  /** While it is there, nothing settles. */
  let hold: Promise<void> | undefined;
  let failNext: string | undefined = brokenFirst;
  const pools = {
    configure: (endpoints: readonly LiveEndpoint[]) => void configured.push(endpoints),
    async settled(endpoint: string, deployment: string): Promise<void> {
      if (failNext !== undefined) broken.set(deployment, failNext);
      failNext = undefined;
      await hold;
      const why = broken.get(deployment);
      if (why !== undefined) throw new Error(`${endpoint}: ${why}`);
    },
    workers: () => [],
  };
  const deployments: Deployments = await openDeployments({
    project,
    queue: { configure: (name, settings) => void queue.set(name, settings) },
    pools,
    log: silentLog,
  });
  onTestFinished(() => project.close().catch(() => {}));
  const deploy = async ({ manifest, files }: ReturnType<typeof app>) => {
    const missing = new Set(await deployments.missing(files.map(({ hash }) => hash)));
    for (const each of files) if (missing.has(each.hash)) await deployments.putCode(each.hash, bytes(each.text));
    return deployments.deploy(manifest, "ada");
  };
  return {
    storeDir,
    store: project.store,
    close: () => project.close(),
    deployments,
    deploy,
    queue,
    /** What pools heard last. */
    pooled: () => new Map(configured.at(-1)?.map((each) => [each.name, each])),
    configured,
    breakNext: (why: string) => (failNext = why),
    hold(until: Promise<void>) {
      hold = until;
    },
    states: async (name = "demo") =>
      (await project.store.listDeployments(name)).map(({ version, state }) => `${version} ${state}`),
  };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "ligase-deployments-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("deploy", () => {
  it("switches the queue and the pools to what was sent, with its code in a folder that may not be written to", async () => {
    const { deploy, deployments, queue, pooled, configured } = await opened();
    const script = file("bin/run.sh", "#!/bin/sh\n", true);
    const row = await deploy(app({ fold: { maxQueue: 7 }, site: WEB }, { files: [script] }));
    expect(row).toMatchObject({ app: "demo", version: 1, state: "live", createdBy: "ada" });
    expect([...queue]).toEqual([["fold", expect.objectContaining({ maxQueue: 7, maxAttempts: 3 })]]);
    const fold = pooled().get("fold");
    expect(fold).toMatchObject({ deployment: row.id, version: 1, stopped: false, bundle: BUNDLE });
    expect(deployments.live().get("site")).toEqual(pooled().get("site"));
    const dir = fold?.codeDir ?? "";
    expect(readFileSync(join(dir, BUNDLE), "utf8")).toBe("export const code = 1;");
    expect(statSync(join(dir, "bin/run.sh")).mode & 0o777).toBe(0o555);
    expect(statSync(join(dir, BUNDLE)).mode & 0o222).toBe(0);
    expect(statSync(dir).mode & 0o222).toBe(0);
    // The first time nothing was there, then all of it at once.
    expect(configured.map((each) => each.length)).toEqual([0, 2]);
  });

  it("tells what would change in words, and changes nothing", async () => {
    const { deploy, deployments, configured } = await opened();
    await deploy(app({ fold: {}, old: {} }));
    const { manifest } = app(
      {
        fold: {
          idleTimeout: 90_000,
          maxWorkers: 5,
          resources: { cpu: 2, memory: 2 ** 32, gpu: 0, gpuKind: null, disk: 0 },
          env: { MODEL: "small" },
          scaler: { requestCount: 2 },
          image: { layers: [{ debian: "12" }, { apt: ["bwa", "samtools"] }] },
        },
        fresh: {},
      },
      { code: "2" },
    );
    const plan = await deployments.plan(manifest);
    expect(plan).toMatchObject({ app: "demo", live: 1, problems: [] });
    expect(plan.changes.map(({ endpoint, kind }) => [endpoint, kind])).toEqual([
      ["fold", "change"],
      ["fresh", "add"],
      ["old", "remove"],
    ]);
    expect(plan.changes[0]?.fields.map(({ field, before, after }) => `${field}: ${before} → ${after}`)).toEqual([
      expect.stringMatching(/^code: [0-9a-f]{8} → [0-9a-f]{8}$/),
      "maxWorkers: 3 → 5",
      "idleTimeout: 5s → 1m 30s",
      "scaler: queue delay of 4 s → 2 jobs a worker",
      "cpu: not said → 2",
      "memory: not said → 4 GiB",
      expect.stringMatching(/^image: this machine → debian 12, apt bwa samtools \([0-9a-f]{8}\)$/),
      "env MODEL: not set → small",
    ]);
    expect(configured.length).toBe(2);
  });

  it("deploys the same once", async () => {
    const { deploy, states, configured } = await opened();
    const first = await deploy(app({ fold: {} }));
    expect((await deploy(app({ fold: {} }))).id).toBe(first.id);
    expect(await states()).toEqual(["1 live"]);
    expect(configured.length).toBe(2);
  });

  it("takes away what an app no longer has, and of a part only what is named", async () => {
    const { deploy, deployments, states } = await opened();
    await deploy(app({ fold: {}, old: {} }));
    await deploy(app({ fold: { maxWorkers: 4 } }, { partial: true, code: "2" }));
    expect([...deployments.live().values()].map(({ name, version }) => `${name} ${version}`).sort()).toEqual([
      "fold 2",
      "old 1",
    ]);
    // Both are what endpoints of the app are.
    expect(await states()).toEqual(["2 live", "1 live"]);
    await deploy(app({ fold: {} }, { code: "3" }));
    expect([...deployments.live().keys()]).toEqual(["fold"]);
    expect(await states()).toEqual(["3 live", "2 retired", "1 retired"]);
  });

  it("says what stands in the way: names of other apps, secrets, what the machine has", async () => {
    const { deploy, deployments } = await opened();
    await deploy(app({ fold: {} }, { app: "other" }));
    const wanted = app({
      fold: {},
      large: { resources: { cpu: 64, memory: 2 ** 40, gpu: 2, gpuKind: null, disk: 0 }, secrets: ["TOKEN"] },
    });
    const { problems } = await deployments.plan(wanted.manifest);
    expect(problems).toEqual([
      "fold is an endpoint of the app other: give this one another name",
      "large needs the secret TOKEN, which is not set: ligase secret set TOKEN",
      "a worker of large needs 2 GPUs, and the server has 0",
      "a worker of large needs 1 TiB of memory, and the server may use 8 GiB",
      "a worker of large needs 64 processors, and the server has 4",
    ]);
    await expect(deploy(wanted)).rejects.toMatchObject({ code: "LIGASE_E_DEPLOYMENT", facts: { problems } });
    expect([...deployments.live().keys()]).toEqual(["fold"]);
  });

  it("refuses code that was not uploaded, and content that is another one than its hash says", async () => {
    const { deployments, storeDir } = await opened();
    const { manifest } = app({ fold: {} });
    await expect(deployments.deploy(manifest, "ada")).rejects.toMatchObject({ code: "LIGASE_E_CODE_MISSING" });
    const hash = manifest.code[0]?.hash ?? "";
    await expect(deployments.putCode(hash, bytes("something else"))).rejects.toMatchObject({
      code: "LIGASE_E_CODE_HASH",
    });
    await expect(deployments.putCode("../../etc/passwd", bytes("x"))).rejects.toMatchObject({
      code: "LIGASE_E_CODE_HASH",
    });
    // Half of it, then the client was gone.
    const cut = (async function* () {
      yield Buffer.from("export");
      throw new Error("aborted");
    })();
    await expect(deployments.putCode(hash, cut)).rejects.toThrow("aborted");
    expect(await deployments.missing([hash])).toEqual([hash]);
    const blobs = readdirSync(join(storeDir, "code", "blobs"), { recursive: true, withFileTypes: true });
    expect(blobs.filter((entry) => entry.isFile())).toEqual([]);
  });
});

describe("settle", () => {
  it("goes back to what was live when a version never serves: nothing else was ever told to queue or pools twice", async () => {
    const { deploy, deployments, states, breakNext, pooled } = await opened();
    const first = await deploy(app({ fold: {}, old: {} }));
    expect(await deployments.settle(first.id)).toEqual({
      endpoints: ["fold", "old"].map((endpoint) => ({ endpoint, ready: true, reason: null })),
    });
    breakNext("worker exits with code 1 at import");
    const second = await deploy(app({ fold: {}, fresh: {} }, { code: "2" }));
    expect((await deployments.settle(second.id)).endpoints).toContainEqual({
      endpoint: "fold",
      ready: false,
      reason: "worker exits with code 1 at import",
    });
    expect(await states()).toEqual(["2 failed", "1 live"]);
    expect([...pooled().values()].map(({ name, deployment }) => [name, deployment])).toEqual([
      ["fold", first.id],
      ["old", first.id],
    ]);
  });

  it("goes back to the last that served, when the one between did not either", async () => {
    const { deploy, deployments, states, breakNext, hold } = await opened();
    await deployments.settle((await deploy(app({ fold: {} }))).id);
    let go = (): void => {};
    hold(new Promise((resolve) => (go = resolve)));
    breakNext("no");
    await deploy(app({ fold: {} }, { code: "2" }));
    breakNext("no, too");
    const third = await deploy(app({ fold: {} }, { code: "3" }));
    go();
    await deployments.settle(third.id);
    expect(await states()).toEqual(["3 failed", "2 retired", "1 live"]);
  });

  it("leaves what never had anything before it, so that it says why", async () => {
    const { deploy, deployments, states, breakNext } = await opened();
    breakNext("no model");
    const { id } = await deploy(app({ fold: {} }));
    expect((await deployments.settle(id)).endpoints).toEqual([{ endpoint: "fold", ready: false, reason: "no model" }]);
    expect(await states()).toEqual(["1 live"]);
    await expect(deployments.settle("nothing")).rejects.toMatchObject({ code: "LIGASE_E_NO_DEPLOYMENT" });
  });
});

describe("what people change of what is live", () => {
  it("makes an earlier version live as a new one", async () => {
    const { deploy, deployments, states, pooled } = await opened();
    const first = await deploy(app({ fold: { maxWorkers: 2 } }));
    await deploy(app({ fold: {} }, { code: "2" }));
    expect(await deployments.activate(first.id, "bob")).toMatchObject({ version: 3, createdBy: "bob" });
    expect(pooled().get("fold")).toMatchObject({
      version: 3,
      maxWorkers: 2,
      codeHash: JSON.parse(first.manifest).codeHash,
    });
    expect(await states()).toEqual(["3 live", "2 retired", "1 retired"]);
    await expect(deployments.activate("x", "bob")).rejects.toMatchObject({ code: "LIGASE_E_NO_DEPLOYMENT" });
  });

  it("stops, starts and removes apps", async () => {
    const { deploy, deployments, pooled, states } = await opened();
    await deploy(app({ fold: {} }));
    await deployments.stop("demo");
    expect(pooled().get("fold")?.stopped).toBe(true);
    await deployments.start("demo");
    expect(pooled().get("fold")?.stopped).toBe(false);
    await deployments.stop("demo");
    // Whoever deploys wants it to serve.
    await deploy(app({ fold: {} }));
    expect(pooled().get("fold")?.stopped).toBe(false);
    await deployments.remove("demo");
    expect([deployments.live().size, pooled().size]).toEqual([0, 0]);
    expect(await states()).toEqual(["1 removed"]);
    await expect(deployments.stop("demo")).rejects.toMatchObject({ code: "LIGASE_E_NO_DEPLOYMENT" });
    expect(await deploy(app({ fold: {} }))).toMatchObject({ version: 2 });
  });

  it("keeps numbers of workers through deployments, until these say others", async () => {
    const { deploy, deployments, pooled } = await opened();
    await deploy(app({ fold: {} }));
    expect(await deployments.scale("fold", { minWorkers: 2, maxWorkers: 8 })).toMatchObject({
      minWorkers: 2,
      maxWorkers: 8,
    });
    await deploy(app({ fold: {} }, { code: "2" }));
    expect(pooled().get("fold")).toMatchObject({ version: 2, minWorkers: 2, maxWorkers: 8 });
    await deploy(app({ fold: { maxWorkers: 4 } }, { code: "2" }));
    expect(pooled().get("fold")).toMatchObject({ minWorkers: 0, maxWorkers: 4 });
    await expect(deployments.scale("fold", { minWorkers: 2, maxWorkers: 1 })).rejects.toMatchObject({
      code: "LIGASE_E_REQUEST",
    });
    expect(() => deployments.scale("fold", { maxWorkers: 0 })).toThrow(/maxWorkers/);
    await expect(deployments.scale("fild", { maxWorkers: 2 })).rejects.toMatchObject({ code: "LIGASE_E_NO_ENDPOINT" });
  });
});

it("is there again with the server, also where the code is gone", async () => {
  const first = await opened();
  await first.deploy(app({ fold: {} }));
  await first.deploy(app({ other: {} }, { app: "second" }));
  await first.deployments.scale("fold", { minWorkers: 1 });
  await first.deployments.stop("second");
  await first.close();
  const again = await opened(first.storeDir);
  expect(
    [...again.deployments.live().values()].map(({ name, minWorkers, stopped }) => [name, minWorkers, stopped]),
  ).toEqual([
    ["fold", 1, false],
    ["other", 0, true],
  ]);
  expect([...again.queue.keys()]).toEqual(["fold", "other"]);
  expect(again.configured.length).toBe(1);
});

it("goes back to what served when the server ended before a version that never does was found out", async () => {
  const first = await opened();
  await first.deployments.settle((await first.deploy(app({ fold: {}, old: {} }))).id);
  first.hold(new Promise(() => {}));
  const { id } = await first.deploy(app({ fold: {} }, { code: "2" }));
  await first.store.putWorkers([
    {
      id: "w1",
      endpoint: "fold",
      deployment: id,
      state: "failed",
      startedAt: 1,
      readyAt: null,
      endedAt: 2,
      reason: "no model",
      exitCode: 1,
      signal: null,
      jobs: 0,
      peakMemory: null,
      cpuMs: null,
      stdout: "out",
      stderr: "err",
      pgid: null,
      pidStarted: null,
    },
  ]);
  await first.close();
  const again = await opened(first.storeDir, "no model");
  expect((await again.deployments.settle(id)).endpoints).toMatchObject([{ endpoint: "fold", ready: false }]);
  expect(await again.states()).toEqual(["2 failed", "1 live"]);
  expect([...again.pooled().keys()].toSorted()).toEqual(["fold", "old"]);
});

it("keeps the last ten versions, and the code of what can be gone back to", async () => {
  const { deploy, states, storeDir, deployments } = await opened();
  for (let i = 0; i < 13; i++) await deploy(app({ fold: {} }, { code: String(i) }));
  expect((await states()).map((each) => each.split(" ")[1])).toEqual([
    "live",
    ...Array.from({ length: 10 }, () => "retired"),
    "removed",
    "removed",
  ]);
  const trees = join(storeDir, "code", "trees");
  expect(readdirSync(trees).length).toBe(13);
  // A week later nobody uses what is gone.
  for (const name of readdirSync(trees)) utimesSync(join(trees, name), 1, 1);
  await deploy(app({ fold: {} }, { code: "99" }));
  const left = readdirSync(trees);
  expect(left.length).toBe(11);
  for (const { codeDir } of deployments.live().values()) expect(existsSync(join(codeDir, BUNDLE))).toBe(true);
});

describe("readManifest", () => {
  const good = (): object => structuredClone(app({ fold: {}, site: WEB }).manifest);
  const put = (value: unknown, [key = "", ...rest]: readonly string[], to: unknown): void => {
    if (typeof value !== "object" || value === null) throw new Error(`no ${key}`);
    if (rest.length > 0) put(Reflect.get(value, key), rest, to);
    else if (to === undefined) Reflect.deleteProperty(value, key);
    else Reflect.set(value, key, to);
  };

  it.each<[what: string, field: string, value: unknown, says: RegExp]>([
    ["another format", "format", 2, /^format should be 1/],
    ["a field that nobody knows", "extra", 1, /^extra should be absent/],
    ["a name that leads elsewhere", "app", "../demo", /^app should be a name/],
    ["a path that leads out", "code.0.path", "../app.mjs", /^code\[0\]\.path should be a relative path/],
    ["an absolute path", "code.0.path", "/etc/passwd", /^code\[0\]\.path/],
    ["a hash that is none", "code.0.hash", "abc", /^code\[0\]\.hash should be a SHA-256/],
    ["code that is not what its hash says", "codeHash", "0".repeat(40), /^codeHash should be the hash of the code/],
    ["a bundle that is not there", "bundle", "b.mjs", /^bundle should be one of the files/],
    ["no endpoint", "endpoints", [], /^endpoints should be a list of at least one/],
    ["two of one name", "endpoints.1.name", "fold", /^endpoints\[1\]\.name should be a name of its own/],
    ["a number that is none", "endpoints.0.maxWorkers", "3", /^endpoints\[0\]\.maxWorkers should be a whole number/],
    ["more at least than at most", "endpoints.0.minWorkers", 4, /^endpoints\[0\]\.minWorkers/],
    ["a program of another kind", "endpoints.0.program", { kind: "shell" }, /^endpoints\[0\]\.program\.kind/],
    ["a web app that has a queue", "endpoints.1.kind", "queue", /^endpoints\[1\]\.kind/],
    ["a queue without a scaler", "endpoints.0.scaler", null, /^endpoints\[0\]\.scaler/],
    ["a variable that is none", "endpoints.0.env", { "A=B": "x" }, /^endpoints\[0\]\.env/],
    [
      "a mount that leads elsewhere",
      "endpoints.0.volumes",
      [{ name: "w", at: "/a/../b", readOnly: true }],
      /volumes\[0\]\.at/,
    ],
    ["a field that is missing", "endpoints.0.ttl", undefined, /^endpoints\[0\]\.ttl/],
  ])("refuses %s", (_, field, value, says) => {
    const manifest = good();
    put(manifest, field.split("."), value);
    expect(() => readManifest(manifest)).toThrow(
      expect.objectContaining({ code: "LIGASE_E_MANIFEST", message: expect.stringMatching(says) }),
    );
  });

  it("takes what was read before, and nothing that is not in its form", () => {
    const read = readManifest(good());
    expect(readManifest(JSON.parse(JSON.stringify(read)))).toEqual(read);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => readManifest(value)).toThrow(expect.objectContaining({ code: "LIGASE_E_MANIFEST" }));
      }),
    );
  });

  it("refuses a file that would be a folder of another", () => {
    const { manifest } = app({ fold: {} }, { files: [file("a", "x"), file("a/b", "y")] });
    expect(() => readManifest(manifest)).toThrow(/no folder of another file/);
  });
});

it("holds each content once, whoever sends it at the same time", async () => {
  const store = new CodeStore(folder());
  const text = "x".repeat(10_000);
  const hash = createHash("sha256").update(text).digest("hex");
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 10; i++) yield Buffer.from(text.slice(i * 1000, (i + 1) * 1000));
  };
  await Promise.all(Array.from({ length: 5 }, () => store.put(hash, chunks())));
  expect(store.missing([hash, hash, "nothing"])).toEqual(["nothing"]);
  const code = [{ path: "x.txt", hash, size: text.length, executable: false }];
  expect(readFileSync(join(store.tree(code, codeHashOf(code)), "x.txt"), "utf8")).toBe(text);
});

const WEB: Partial<EndpointManifest> = {
  kind: "web",
  program: { kind: "web", bundle: BUNDLE, export: "site" },
  scaler: null,
  input: null,
  parameters: null,
};
