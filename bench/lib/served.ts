import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LIGASE = fileURLToPath(new URL("../../bin/ligase", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
// What people have: the build, and none of the settings of who measures.
const ENV = { ...process.env, LIGASE_FROM: "dist", NO_COLOR: "1" };

/** A server of a project of its own. */
export class Served {
  readonly dir: string;
  readonly url: string;
  readonly token: string;
  readonly #server: ChildProcess;

  private constructor(dir: string, url: string, server: ChildProcess) {
    this.dir = dir;
    this.url = url;
    this.token = readFileSync(join(dir, ".ligase", "server.token"), "utf8").trim();
    this.#server = server;
  }

  /** Starts one. */
  static async start(files: Readonly<Record<string, string>>): Promise<Served> {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-bench-")));
    for (const [path, text] of Object.entries({ "package.json": '{ "type": "module" }\n', ...files })) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    mkdirSync(join(dir, "node_modules"));
    symlinkSync(PACKAGE, join(dir, "node_modules", "ligase"));
    const server = spawn(LIGASE, ["serve", "--port", "0", "--grace", "1s"], {
      cwd: dir,
      env: ENV,
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface(server.stdout)) {
      const [, url] = / at (http\S+)$/.exec(line) ?? [];
      if (url !== undefined) return new Served(dir, url, server);
    }
    throw new Error("the server did not start");
  }

  /** A command in the project; its stdout. */
  ligase(...args: readonly string[]): string {
    return execFileSync(LIGASE, args, { cwd: this.dir, env: ENV, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Asks an endpoint. */
  async ask(path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/v2/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Resident memory of the server's process, in bytes. */
  get memory(): number {
    const [, kib] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${this.#server.pid}/status`, "utf8")) ?? [];
    return Number(kib) * 1024;
  }

  async close(): Promise<void> {
    this.#server.kill("SIGTERM");
    if (this.#server.exitCode === null) await once(this.#server, "exit");
    rmSync(this.dir, { recursive: true, force: true });
  }
}
