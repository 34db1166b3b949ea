import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What was seen of a command. */
export interface Measured {
  readonly seconds: number;
  /** The largest resident set of the process itself, in bytes; 0 where the system does not say. */
  readonly peakMemory: number;
  readonly stdout: string;
}

/** How a command is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads on standard input; nothing by default. */
  readonly input?: string;
  /** Look at its memory every now and then; `false` for processes that end at once, and many of them. Default `true`. */
  readonly watch?: boolean;
}

/** The high-water mark of a process's resident set, in bytes. */
function peakOf(pid: number): number {
  try {
    const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/**
 * Runs a command to its end and measures it.
 *
 * @throws Error with its output when it fails: a failure has no duration
 */
export async function measure(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Measured> {
  const { promise, resolve, reject } = Promise.withResolvers<Measured>();
  const start = process.hrtime.bigint();
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env });
  let stdout = "";
  let stderr = "";
  let peakMemory = 0;
  // The mark only grows, so what the last look before the end saw is at most 20 ms old.
  const look = (): void => void (peakMemory = Math.max(peakMemory, peakOf(child.pid ?? 0)));
  const watch = options.watch === false ? undefined : setInterval(look, 20);
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  child.on("error", reject);
  child.on("close", (code, signal) => {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    clearInterval(watch);
    if (code === 0) resolve({ seconds, peakMemory, stdout });
    else
      reject(
        new Error(`${[command, ...args].join(" ")} ended with ${signal ?? code}:\n${stdout.slice(-1000)}${stderr}`),
      );
  });
  return promise;
}
