import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A job as the fake hands it out. */
export interface FakeJob {
  readonly id: string;
  readonly input: unknown;
  readonly attempt?: number;
}

/** What came back of a job. */
export interface Told {
  readonly job: string;
  readonly call: "job-done" | "job-stream";
  readonly body: Record<string, unknown>;
  readonly isStream: boolean;
}

/** The worker routes of the server as a worker sees them, over a Unix socket, with a queue in memory. */
export class FakeServer {
  readonly socket: string;
  readonly #dir = mkdtempSync(join(tmpdir(), "lg-fake-"));
  readonly #server: Server;
  readonly #jobs: FakeJob[] = [];
  readonly #takers: ((jobs: FakeJob[]) => void)[] = [];
  readonly #stoppers: ((ids: string[]) => void)[] = [];
  readonly #heard: (() => void)[] = [];
  readonly told: Told[] = [];
  readonly pings: string[][] = [];
  readonly expressions: string[] = [];
  /** Requests that were hung up on before their answer. */
  hungUp = 0;
  takes = 0;
  /** Requests that wait for a job now. */
  get waiting(): number {
    return this.#takers.length;
  }
  /** Answers what a handler awaits. */
  evaluate: (expression: string) => unknown = () => ({ value: "null" });
  /** Answers instead of a route, where it says something: its status. */
  refuse: (path: string) => number | undefined = () => undefined;

  constructor() {
    this.socket = join(this.#dir, "s");
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  listen(): Promise<this> {
    return new Promise((resolve) => this.#server.listen(this.socket, () => resolve(this)));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  submit(...jobs: FakeJob[]): void {
    this.#jobs.push(...jobs);
    while (this.#takers.length > 0 && this.#jobs.length > 0) this.#takers.shift()?.([this.#jobs.shift() as FakeJob]);
  }

  stop(...ids: string[]): void {
    for (const stopper of this.#stoppers.splice(0)) stopper(ids);
  }

  /** Waits until something holds, looked at whenever the worker said something. */
  async until<T>(found: () => T | undefined): Promise<T> {
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  /** The end of a job: progress is none. */
  done(id: string): Promise<Told> {
    return this.until(() =>
      this.told.find(({ job, call, body }) => job === id && call === "job-done" && body["status"] !== "IN_PROGRESS"),
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://x");
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const [, , , call = "", , job = ""] = url.pathname.split("/");
    const say = (status: number, value?: unknown): void => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    response.on("close", () => {
      if (!response.writableFinished) {
        this.hungUp += 1;
        this.#wake();
      }
    });
    const refused = request.headers.authorization === "secret" ? this.refuse(url.pathname) : 401;
    if (refused !== undefined) return say(refused, { error: `refused with ${refused}` });
    const take = (asList: boolean): void => {
      this.takes += 1;
      const give = (jobs: FakeJob[]): void => say(200, asList ? jobs : jobs[0]);
      const next = this.#jobs.shift();
      if (next) give([next]);
      else if (url.searchParams.get("wait") === "0") say(204);
      else this.#takers.push(give);
    };
    switch (call) {
      case "job-take":
        take(false);
        break;
      case "job-stop":
        this.#stoppers.push((jobsToStop) => say(200, { jobsToStop }));
        break;
      case "ping":
        this.pings.push((url.searchParams.get("job_id") ?? "").split(",").filter(Boolean));
        say(200, {});
        break;
      case "job-call": {
        const { expression } = JSON.parse(text) as { expression: string };
        this.expressions.push(expression);
        const answer = await this.evaluate(expression);
        if (answer !== undefined) say(200, answer);
        break;
      }
      case "job-done":
      case "job-stream": {
        const body = JSON.parse(text) as Record<string, unknown>;
        this.told.push({ job, call, body, isStream: url.searchParams.get("isStream") === "true" });
        if (call === "job-done" && url.searchParams.has("take")) take(true);
        else say(200, {});
        break;
      }
      default:
        say(404, { error: "no such route" });
    }
    this.#wake();
  }

  #wake(): void {
    for (const heard of this.#heard.splice(0)) heard();
  }
}
