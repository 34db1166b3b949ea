import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const BIN = fileURLToPath(new URL("../../bin/ligase", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout or stderr has this. */
  printed(text: string): Promise<void>;
  /** What stood on stdout and stderr so far, as it came. */
  said(): string;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly uid?: number;
  /** What it reads from stdin; nothing by default. */
  readonly stdin?: Uint8Array;
}

// What the caller's own environment says must not decide what is printed.
const CLEAN = {
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
  CI: undefined,
  COLUMNS: undefined,
  LIGASE_STORE: undefined,
  LIGASE_PROFILE: undefined,
  LIGASE_NOTIFY: undefined,
};

/** A project in a folder of its own, and the real command line in it. */
export class Project {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-cli-")));
  readonly #children: ChildProcess[] = [];

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.write("package.json", '{ "type": "module" }');
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  path(...parts: string[]): string {
    return join(this.dir, ...parts);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  read(path: string): string {
    return existsSync(this.path(path)) ? readFileSync(this.path(path), "utf8") : "";
  }

  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    this.write(path, text.replace(from, to));
  }

  append(path: string, text: string): void {
    appendFileSync(this.path(path), text);
  }

  start(args: readonly string[], { env = {}, cwd = this.dir, uid, stdin }: StartOptions = {}): Started {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { ...process.env, ...CLEAN, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      ...(uid !== undefined && { uid, gid: uid }),
    });
    this.#children.push(child);
    child.stdin.end(stdin);
    let stdout = "";
    let stderr = "";
    let both = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      both += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      both += text;
    });
    return {
      child,
      said: () => both,
      async printed(text) {
        while (!`${stdout}\n${stderr}`.includes(text)) {
          await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), once(child, "exit")]);
          if (child.exitCode !== null && !`${stdout}\n${stderr}`.includes(text)) {
            throw new Error(`it ended without printing ${text}:\n${stdout}\n${stderr}`);
          }
        }
      },
      ended: once(child, "close").then(([code, signal]) => ({
        code: code as number | null,
        signal: signal as string | null,
        stdout,
        stderr,
      })),
    };
  }

  run(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** Runs a command that must succeed; answers its stdout. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`ligase ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** The same, for commands that print JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- what it holds is for the test to know
  async json<T = any>(...args: string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, "--json")) as T;
  }

  remove(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

const projects: Project[] = [];

/** A project that goes when the tests of the file are over: they run side by side. */
export function project(files: Readonly<Record<string, string>> = {}): Project {
  const made = new Project(files);
  projects.push(made);
  return made;
}

afterAll(() => {
  for (const each of projects) each.remove();
});

/** Waits until something is so. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
