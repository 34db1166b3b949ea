import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createInterface } from "node:readline";

/** How many of a program's last lines a failure shows. */
const TAIL = 30;

/** Where a build writes what its programs print, and who listens. */
export interface BuildLog {
  readonly path: string;
  /** A line of the build's own. */
  note(line: string): void;
  /** A line that a program printed. */
  add(line: string): void;
  close(): Promise<void>;
}

/** Opens the log of a build: one file, added to. */
export function openBuildLog(path: string, output?: (line: string) => void): BuildLog {
  const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
  // A full disk must not end the process that builds: the build itself will say so.
  stream.on("error", () => {});
  return {
    path,
    note: (line) => void stream.write(`# ${line}\n`),
    add(line) {
      stream.write(`${line}\n`);
      output?.(line);
    },
    async close() {
      stream.end();
      await finished(stream).catch(() => {});
    },
  };
}

/** A program of a build that failed. */
export class ProgramFailed extends Error {
  override readonly name = "ProgramFailed";
  readonly command: readonly string[];
  /** Its last lines. */
  readonly tail: readonly string[];
  readonly status: number | null;

  constructor(command: readonly string[], tail: readonly string[], status: number | null, why: string) {
    super(why);
    this.command = command;
    this.tail = tail;
    this.status = status;
  }
}

/** How a program of a build runs. */
export interface ProgramOptions {
  readonly log: BuildLog;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  /** What it reads. */
  readonly input?: string;
  /** Its standard output is the result: not written to the log. */
  readonly capture?: boolean;
}

/**
 * Runs one program of a build to its end, in a process group of its own that ends with the build.
 *
 * @returns what it printed, where that was asked for
 * @throws ProgramFailed with its last lines
 */
export async function runProgram(command: readonly string[], options: ProgramOptions): Promise<string> {
  const { log, signal, capture = false } = options;
  signal?.throwIfAborted();
  log.note(command.join(" "));
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
    env: { ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const end = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  };
  signal?.addEventListener("abort", end);
  const tail: string[] = [];
  const read = async (stream: NodeJS.ReadableStream): Promise<void> => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      log.add(line);
      tail.push(line);
      if (tail.length > TAIL) tail.shift();
    }
  };
  const taken: Buffer[] = [];
  const take = async (stream: NodeJS.ReadableStream): Promise<void> => {
    for await (const piece of stream) taken.push(Buffer.from(piece));
  };
  child.stdin?.on("error", () => {}).end(options.input);
  const exit = new Promise<{ status: number | null; why: string }>((settle) => {
    child.on("error", (error) => settle({ status: null, why: `${program} cannot be started: ${error.message}` }));
    child.on("close", (status, by) =>
      settle({ status, why: by === null ? `it exited with ${status}` : `it was ended by ${by}` }),
    );
  });
  try {
    const [{ status, why }] = await Promise.all([
      exit,
      child.stdout === null ? undefined : capture ? take(child.stdout) : read(child.stdout),
      child.stderr === null ? undefined : read(child.stderr),
    ]);
    signal?.throwIfAborted();
    if (status !== 0) throw new ProgramFailed(command, tail, status, why);
    return Buffer.concat(taken).toString();
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

/** What of this process's environment the programs of a build get: where programs are, and how the network is reached. */
export function hostEnvironment(): Record<string, string> {
  const wanted =
    /^(PATH|HOME|USER|LOGNAME|TMPDIR|XDG_RUNTIME_DIR|XDG_CONFIG_HOME|REGISTRY_AUTH_FILE|(CONTAINERS?|STORAGE|BUILDAH|DOCKER)_[A-Z_]+|SSL_CERT_(FILE|DIR)|(https?|ftp|all|no)_proxy)$/i;
  const kept = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])),
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    SOURCE_DATE_EPOCH: EPOCH,
  };
}

/** The time that files of environments bear where a program asks for one: the same bits come of the same definition. */
export const EPOCH = "1700000000";
