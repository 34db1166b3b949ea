import { type ChildProcess, spawn } from "node:child_process";
import { dirname, relative } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import type { DeploymentView, Remote } from "../../remote/index.ts";
import { printLogs } from "../remote-logs.ts";
import { workflowPath } from "../run/workflow-path.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { moment } from "../terminal/when.ts";
import { Watcher } from "../watch/watcher.ts";
import { appAndEndpoint, type Deployed } from "./deploy.ts";

/** What is deployed again and again. */
export interface DevOptions {
  /** `app.ts`, or `app.ts:fold`. */
  readonly word: string;
  /** The flags of `ligase deploy` that say where to and under which name. */
  readonly flags: readonly string[];
  readonly remote: Remote;
  /** Leave it deployed at the end. */
  readonly keep: boolean;
}

/** So many changed files are named. */
const MOST_NAMED = 3;

/**
 * Deploys an app, and again whenever one of its files changes, until it is told to end; prints what its workers write. At
 * the end the app is as it was before: removed, or back at the version that was live.
 */
export async function developApp(options: DevOptions, ended: Promise<void>, terminal: Terminal): Promise<number> {
  const session = new Session(options, terminal);
  try {
    return await session.run(ended);
  } finally {
    session.close();
  }
}

class Session {
  readonly #options: DevOptions;
  readonly #terminal: Terminal;
  readonly #entry: string;
  readonly #watcher: Watcher;
  /** Endpoints whose logs are printed. */
  readonly #followed = new Set<string>();
  #changed: readonly string[] = [];
  #wake: (() => void) | undefined;
  #child: ChildProcess | undefined;
  #app: string | undefined;
  /** What was live before the first deployment. */
  #before: string | null = null;
  #ended = false;

  constructor(options: DevOptions, terminal: Terminal) {
    this.#options = options;
    this.#terminal = terminal;
    this.#entry = workflowPath(appAndEndpoint(options.word).file);
    this.#watcher = new Watcher({
      onChange: (paths) => {
        this.#changed = [...new Set([...this.#changed, ...paths])];
        this.#wake?.();
      },
    });
  }

  async run(ended: Promise<void>): Promise<number> {
    void ended.then(() => {
      this.#ended = true;
      this.#child?.kill("SIGINT");
      this.#wake?.();
    });
    const versions = await this.#options.remote.ask<DeploymentView[]>("GET", "/deployments");
    for (;;) {
      await this.#once(versions);
      if (this.#ended) break;
      if (this.#changed.length === 0) {
        this.#terminal.note(this.#terminal.style("dim", "watching; Ctrl+C ends it"));
        await new Promise<void>((wake) => (this.#wake = wake));
        this.#wake = undefined;
      }
      if (this.#ended) break;
      this.#separate();
      this.#changed = [];
    }
    await this.#leave();
    return 0;
  }

  close(): void {
    this.#watcher.close();
  }

  /** One deployment, in a process of its own: the code of the app is read anew, and what it does there does not stay. */
  async #once(versions: readonly DeploymentView[]): Promise<void> {
    const began = Date.now();
    await this.#watcher.add([this.#entry], began);
    const { word, flags } = this.#options;
    const [launcher = ""] = process.argv.slice(1);
    const child = spawn(
      process.execPath,
      [...process.execArgv, launcher, "deploy", word, "--yes", "--json", ...flags],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    this.#child = child;
    let answer = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (answer += text));
    await new Promise<void>((end) => {
      child.once("error", () => end());
      child.once("close", () => end());
    });
    this.#child = undefined;
    const came = readAnswer(answer);
    // Something is wrong with the code, and not all of it is known: what mends it may be a new file.
    if (!came) {
      this.#watcher.addFolders([dirname(this.#entry)]);
      return;
    }
    await this.#watcher.add(came.sources, began);
    if (this.#app === undefined) {
      this.#app = came.plan.app;
      this.#before = versions.find(({ app, state }) => app === this.#app && state === "live")?.id ?? null;
    }
    for (const { endpoint, kind } of came.plan.changes) if (kind !== "remove") this.#follow(endpoint);
  }

  /** Prints what the workers of an endpoint write, from now on. */
  #follow(endpoint: string): void {
    if (this.#followed.has(endpoint)) return;
    this.#followed.add(endpoint);
    const wanted = { follow: true, prefix: true, json: false, jsonl: false };
    const path = `/endpoints/${encodeURIComponent(endpoint)}/logs`;
    printLogs(this.#options.remote, path, wanted, this.#terminal)
      // Of one that is not there yet, or not any more: the next deployment tries it again.
      .catch(() => {})
      .finally(() => this.#followed.delete(endpoint));
  }

  /** The app is as it was before. */
  async #leave(): Promise<void> {
    const { remote, keep } = this.#options;
    if (this.#app === undefined || keep) return;
    try {
      if (this.#before === null) await remote.ask("DELETE", `/apps/${encodeURIComponent(this.#app)}`);
      else await remote.ask("POST", `/deployments/${this.#before}/activate`);
    } catch (error) {
      if (!(error instanceof LigaseError)) throw error;
      this.#terminal.note(`${this.#terminal.style("warn", "warning")} ${this.#app} stays deployed: ${error.message}`);
      return;
    }
    this.#terminal.note(
      this.#before === null ? `removed ${this.#app}` : `${this.#app} is what it was before ligase dev`,
    );
  }

  #separate(): void {
    const names = this.#changed.slice(0, MOST_NAMED).map((path) => relative(process.cwd(), path));
    if (this.#changed.length > MOST_NAMED) names.push(`${this.#changed.length - MOST_NAMED} more`);
    this.#terminal.note(
      this.#terminal.style("dim", `\n── ${moment(Date.now()).slice(11)} ${names.join(", ")} changed`),
    );
  }
}

/** What the process that deployed says; nothing where it could not read the app. */
function readAnswer(answer: string): Deployed | undefined {
  const line = answer.trim().split("\n").at(-1) ?? "";
  // It is the line that this version's own `ligase deploy --json` wrote.
  return line.startsWith("{") ? (JSON.parse(line) as Deployed) : undefined;
}
