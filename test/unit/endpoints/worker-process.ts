import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { loadProgram } from "../../../src/code/index.ts";
import {
  ENDPOINT_SETTINGS,
  ENDPOINT_WORKER_PROGRAM,
  type EndpointWorkerSettings,
} from "../../../src/worker/endpoint/index.ts";
import { FakeServer } from "./fake-server.ts";

/** The code of a deployment: an app with its bundle, in a folder of its own. */
export interface Deployed {
  readonly codeDir: string;
  readonly bundle: string;
}

/** Writes an app and bundles it. Whoever calls it removes the folder. */
export async function deployed(files: Readonly<Record<string, string>>): Promise<Deployed> {
  const codeDir = realpathSync(mkdtempSync(join(tmpdir(), "lg-app-")));
  for (const [path, text] of Object.entries({ "package.json": "{}", ...files })) {
    mkdirSync(dirname(join(codeDir, path)), { recursive: true });
    writeFileSync(join(codeDir, path), text);
  }
  const program = await loadProgram(join(codeDir, "app.ts"), { root: codeDir });
  return { codeDir, bundle: relative(codeDir, program.bundle) };
}

/** A worker process with what it wrote. */
export interface Started {
  readonly server: FakeServer;
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts a real worker of a bundle's export against a fake server; both end with the test. */
export async function startWorker(
  { codeDir, bundle }: Deployed,
  name: string,
  more: Partial<EndpointWorkerSettings> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const server = await new FakeServer().listen();
  const settings: EndpointWorkerSettings = {
    socket: server.socket,
    token: "secret",
    worker: "w1",
    endpoint: "app",
    concurrency: 1,
    pingMs: 10_000,
    program: { kind: "node", bundle, export: name },
    codeDir,
    storeDir: "",
    parameters: null,
    input: null,
    enclosed: false,
    ...more,
  };
  const child = spawn(process.execPath, [fileURLToPath(ENDPOINT_WORKER_PROGRAM)], {
    cwd: codeDir,
    env: { ...process.env, ...env, [ENDPOINT_SETTINGS]: JSON.stringify(settings) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  const ended = new Promise<number | string>((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? signal ?? "")),
  );
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    server.close();
  });
  return { server, process: child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended };
}

/** Removes the folder of an app. */
export function removeDeployed({ codeDir }: Deployed): void {
  rmSync(codeDir, { recursive: true, force: true });
}
