/** Workers of endpoints as they are in earnest: ours in sandboxes with limits, in TypeScript and Python, and RunPod's own. */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openLaunchContext, type PoolsOptions } from "../../src/endpoints/pool/index.ts";
import type { Pools, WorkerView } from "../../src/endpoints/pool/types.ts";
import type { Queue } from "../../src/endpoints/queue/types.ts";
import type { Services } from "../../src/endpoints/services.ts";
import { cgroupSupport } from "../../src/executors/process/cgroup/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import type { Project } from "../../src/project/index.ts";
import type { ServerContext } from "../../src/server/context.ts";
import { endpointRoutes } from "../../src/server/v2/index.ts";
import { describeWith } from "../support/needs.ts";
import { openPoolBench, type PoolBench } from "../unit/endpoints/pool-bench.ts";
import { deployed, type Deployed } from "../unit/endpoints/worker-process.ts";
import { RUNPOD } from "./support/runpod.ts";
import { environmentAt } from "./support/sandbox-bench.ts";
import { smallRoot } from "./support/small-root.ts";

const MIB = 2 ** 20;
/** A machine may have much else to do. */
const SOON = { timeout: 30_000, interval: 20 };
const NOTHING = { cpu: 0, memory: 0, gpu: 0, gpuKind: null, disk: 0 };
const { enforced } = cgroupSupport();

/** The worker routes of the server. */
function serve(queue: Queue, pools: () => Pools | undefined, { store, settings }: Project): Server {
  const log = { debug() {}, info() {}, warn() {} };
  const deployments = { live: () => new Map() };
  const services = {
    queue,
    get pools() {
      return pools();
    },
    deployments,
    drivers: {},
  } as unknown as Services;
  const context = { services, store, log, storeDir: settings.storeDir } as unknown as ServerContext;
  let app: Hono | undefined;
  return createAdaptorServer({
    fetch: (request: Request, env: unknown) => {
      app ??= new Hono().route("/v2", endpointRoutes(context));
      return app.fetch(request, env);
    },
    overrideGlobalObjects: false,
  }) as Server;
}

/** What stands for any image: a root file system with a shell, and what Node needs of one. */
let root: string;
beforeAll(() => {
  root = smallRoot(mkdtempSync(join(tmpdir(), "lg-root-")), ["sh", "bash", "id", "ls", "wc", "cat"]);
  const libraries = execFileSync("ldd", [realpathSync(process.execPath)], { encoding: "utf8" });
  for (const [, library = ""] of libraries.matchAll(/(\/\S+) \(0x/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function around(project: Project, address: PoolsOptions["address"], log: PoolsOptions["log"]) {
  const engine = createSandboxEngine({ imagesDir: join(project.root, "images") });
  const { context } = openLaunchContext(project, address, log);
  return { context: { ...context, environment: async () => environmentAt(root) }, engine: () => engine };
}

const IMAGE = { layers: [{ debian: "12" }] };
const as =
  (state: string, endpoint: string) =>
  (worker: WorkerView): boolean =>
    worker.state === state && worker.endpoint === endpoint;

const APP = `
  import { existsSync, readdirSync, writeFileSync } from "node:fs";
  import { connect } from "node:net";
  import { endpoint, web } from "ligase";
  const reach = (port: number) => new Promise((resolve) =>
    connect(port, "127.0.0.1").once("connect", () => resolve("reached")).once("error", (error) => resolve(error.code)));
  export const look = endpoint(async (port: number, paths: string[]) => ({
    uid: process.getuid?.(), cpu: process.env.LIGASE_CPU, image: process.env.FROM_IMAGE, net: await reach(port),
    sees: paths.map((path) => existsSync(path)), cwd: readdirSync(process.cwd()), pid: process.pid,
  }));
  export const keep = endpoint((name: string) => { writeFileSync("/mnt/notes/" + name, "kept"); return readdirSync("/mnt/notes"); });
  export const eat = endpoint(() => { const all = []; for (;;) all.push(Buffer.alloc(16 << 20, all.length + 1)); });
  export const block = endpoint((yes: boolean) => { while (yes); return "free"; });
  export const site = web((request: Request) => new Response("hello from " + process.getuid?.() + " " + new URL(request.url).pathname));
`;

describeWith({ programs: ["bwrap", "nsenter"], also: { "control groups that you may make": enforced.length === 3 } })(
  "a worker in a sandbox",
  () => {
    let app: Deployed;
    let bench: PoolBench;
    beforeAll(async () => {
      app = await deployed({ "app.ts": APP });
    });
    afterAll(() => rmSync(app.codeDir, { recursive: true, force: true }));
    afterEach(() => bench.close());
    const endpointOf = (name: string) => ({
      name,
      codeDir: app.codeDir,
      image: IMAGE,
      program: { kind: "node", bundle: app.bundle, export: name } as const,
    });

    test("takes jobs through the server's socket, sees its code and little else, and no network", async () => {
      bench = await openPoolBench({ serve, around });
      bench.live({
        ...endpointOf("look"),
        parameters: ["port", "paths"],
        resources: { ...NOTHING, cpu: 1, memory: 300 * MIB },
      });
      const { storeDir } = bench.project.settings;
      const paths = [app.codeDir, join(storeDir, "outputs"), join(storeDir, "ligase.db"), bench.codeDir];
      const { value } = await bench.run("look", { port: 4747, paths });
      expect(value).toMatchObject({
        uid: 1000,
        cpu: "1",
        image: "yes",
        sees: [true, true, false, false],
        cwd: ["tmp"],
      });
      expect(value?.["net"]).not.toBe("reached");
      const worker = await bench.worker(as("ready", "look"));
      expect(bench.pools.workers()[0]?.memory).toBeGreaterThan(20 * MIB);
      const shell = bench.pools.shell(worker.id);
      const [program = "", ...args] = shell?.command ?? [];
      const said = execFileSync(program, args, {
        cwd: shell?.cwd ?? "/",
        env: shell?.env,
        input: "id -u; pwd; echo $FROM_IMAGE; ls -d /proc/[0-9]* | wc -l\n",
        encoding: "utf8",
      });
      const [uid, cwd, image, processes] = said.split("\n");
      expect([uid, cwd, image]).toEqual(["1000", join(storeDir, "work", `worker.${worker.id}-0`), "yes"]);
      expect(Number(processes)).toBeLessThan(10);
      await bench.pools.stop(worker.id, "enough");
      await expect.poll(() => existsSync(join(storeDir, "work", `worker.${worker.id}-0`)), SOON).toBe(false);
    });

    test("sees its volumes, which keep what it leaves there", async () => {
      bench = await openPoolBench({ serve, around });
      const volumes = [{ name: "notes", at: "/mnt/notes", readOnly: false }];
      bench.live({ ...endpointOf("keep"), parameters: ["name"], volumes });
      expect((await bench.run("keep", { name: "one" })).value).toEqual(["one"]);
      expect(readFileSync(join(bench.project.settings.storeDir, "volumes/notes/one"), "utf8")).toBe("kept");
    });

    test("that needs more memory than it has is ended, and the limit is named", async () => {
      bench = await openPoolBench({ serve, around });
      const resources = { ...NOTHING, memory: 200 * MIB };
      bench.live({ ...endpointOf("eat"), parameters: [], resources, maxAttempts: 1 });
      const job = await bench.run("eat");
      expect(job.state).toBe("FAILED");
      expect(job.error).toContain("worker ran out of memory: its limit is 200 MiB");
    });

    test("that blocks ends with a cancel", async () => {
      bench = await openPoolBench({ serve, around });
      bench.live({ ...endpointOf("block"), parameters: ["yes"] });
      const first = await bench.run("block", { yes: false });
      const { id } = await bench.submit("block", { yes: true });
      await expect.poll(async () => (await bench.queue.get(id))?.state, SOON).toBe("IN_PROGRESS");
      await bench.queue.cancel(id);
      const next = await bench.run("block", { yes: false });
      expect(next.state).toBe("COMPLETED");
      expect(next.worker).not.toBe(first.worker);
    });

    test("answers requests to a web app on a socket", async () => {
      bench = await openPoolBench({ serve, around });
      const program = { kind: "web", bundle: app.bundle, export: "site" } as const;
      bench.live({ ...endpointOf("site"), kind: "web", program, scaler: null, concurrency: 10 });
      const target = await bench.pools.acquire("site", AbortSignal.timeout(30_000));
      const { request } = await import("node:http");
      const text = await new Promise<string>((resolve, reject) => {
        request({ ...target.at, path: "/there" }, (response) => {
          let all = "";
          response.on("data", (chunk) => (all += String(chunk))).on("end", () => resolve(all));
        })
          .on("error", reject)
          .end();
      });
      target.release();
      expect(text).toBe("hello from 1000 /there");
    });
  },
);

describeWith({ programs: ["bwrap"], also: RUNPOD })("RunPod's own worker", () => {
  let bench: PoolBench;
  afterEach(() => bench.close());
  const python = join(process.env["LIGASE_TEST_RUNPOD"] ?? "node_modules/.cache/runpod", "bin/python");
  const command = [join(process.cwd(), python), "-u", "handler.py"];

  test("is a command: its handler answers, a blocked one ends with a cancel, and its reason is told", async () => {
    bench = await openPoolBench({ serve });
    writeFileSync(
      join(bench.codeDir, "handler.py"),
      [
        "import os, runpod",
        "def handler(job):",
        "    while job['input'].get('block'): pass",
        "    return {'hello': job['input']['name'], 'endpoint': os.environ['RUNPOD_ENDPOINT_ID']}",
        "runpod.serverless.start({'handler': handler})",
      ].join("\n"),
    );
    writeFileSync(join(bench.codeDir, "broken.py"), "import there_is_no_such_module\n");
    bench.live(
      { name: "fold", program: { kind: "command", command } },
      { name: "broken", program: { kind: "command", command: [...command.slice(0, 2), "broken.py"] } },
    );
    const { value } = await bench.run("fold", { name: "you" });
    expect(value).toEqual({ hello: "you", endpoint: "fold" });
    const { id } = await bench.submit("fold", { block: true });
    await expect.poll(async () => (await bench.queue.get(id))?.state, SOON).toBe("IN_PROGRESS");
    await bench.queue.cancel(id);
    await bench.worker((worker) => worker.endedAt !== null && worker.endpoint === "fold");
    expect((await bench.run("fold", { name: "me" })).value).toMatchObject({ hello: "me" });
    await expect(bench.pools.settled("broken", "d1")).rejects.toThrow(
      "worker exits with code 1 at import: ModuleNotFoundError: No module named 'there_is_no_such_module'",
    );
  });
});
