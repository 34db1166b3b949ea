import { createInterface } from "node:readline";
import { createServer } from "node:net";
import { readFileSync } from "node:fs";
import { answer, type Command, ligase } from "./command.ts";
import type { Project } from "./project.ts";

/** What an endpoint answers. */
export type Answer = Readonly<Record<string, unknown>>;

/** A server of a project: `ligase serve`, in a process of its own. */
export class Served {
  readonly url: string;
  readonly command: Command;
  readonly #project: Project;

  private constructor(project: Project, url: string, command: Command) {
    this.#project = project;
    this.url = url;
    this.command = command;
  }

  /** Starts one; it ends with the test. */
  static async start(
    project: Project,
    { port = 0, env = {} }: { readonly port?: number; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<Served> {
    const command = ligase(project, ["serve", "--port", String(port), "--grace", "5s"], env);
    if (!command.process.stdout) throw new TypeError("there is no stdout");
    const lines = createInterface(command.process.stdout);
    const url = await Promise.race([
      new Promise<string>((resolve) => {
        lines.on("line", (line) => {
          const [, found] = / at (http\S+)$/.exec(line) ?? [];
          if (found !== undefined) resolve(found);
        });
      }),
      command.ended.then(({ code, stderr }) => Promise.reject(new Error(`ligase serve ended with ${code}: ${stderr}`))),
    ]);
    return new Served(project, url, command);
  }

  /** The token of the server's user. */
  get token(): string {
    return readFileSync(this.#project.path(".ligase/server.token"), "utf8").trim();
  }

  /** Deploys a file of the project; what the command prints. */
  deploy(file: string, ...flags: readonly string[]): Promise<string> {
    return answer(ligase(this.#project, ["deploy", file, "--yes", ...flags]));
  }

  /** A request below `/v2`, as it is answered. */
  fetch(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.url}/v2/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** The same, when all is well. */
  async ask(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await this.fetch(path, body, headers);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Answer;
  }

  /** Ends it as the kernel does when there is no memory left. */
  async kill(): Promise<void> {
    this.command.process.kill("SIGKILL");
    await this.command.ended;
  }

  /** Ends it in peace. */
  async stop(): Promise<void> {
    this.command.process.kill("SIGTERM");
    await this.command.ended;
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
