import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { clientEnvironment } from "./environment.ts";

/** How a client is called. */
export interface Caller {
  /** Hears each line of both its outputs. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Its stdin; nothing by default. */
  readonly input?: Readable | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until it is given up. */
  readonly timeout?: number | undefined;
}

/** What a client answered. */
export interface Called {
  /** Its exit status; null when it was ended by a signal, or is not there. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Far more than any answer that is read. */
const MOST_KEPT = 16 * 2 ** 20;

/**
 * Calls a client. Never rejects for what the client does; a program that is not there has no status.
 *
 * @param program - on the path, or a path
 * @param args - handed over as they are: there is no shell
 */
export async function callClient(program: string, args: readonly string[], caller: Caller = {}): Promise<Called> {
  const { onLine, input, signal, timeout } = caller;
  const child = spawn(program, args, {
    env: clientEnvironment(),
    stdio: [input ? "pipe" : "ignore", "pipe", "pipe"],
    ...(signal && { signal }),
    ...(timeout !== undefined && { timeout, killSignal: "SIGKILL" }),
  });
  const { promise, resolve } = Promise.withResolvers<Called>();
  const kept = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name];
    if (stream === null) continue;
    stream.setEncoding("utf8").on("data", (text: string) => {
      if (kept[name].length < MOST_KEPT) kept[name] += text;
    });
    if (onLine) createInterface({ input: stream }).on("line", onLine);
  }
  let failure = "";
  child.on("error", (error) => {
    failure = error.message;
    // Without a process there is no end of one to wait for.
    if (child.pid === undefined) resolve({ status: null, stdout: "", stderr: failure });
  });
  child.on("close", (status) => resolve({ ...kept, status, stderr: kept.stderr || failure }));
  // A client that ends before it has read everything says why by itself.
  if (input && child.stdin) await pipeline(input, child.stdin).catch(() => {});
  return promise;
}
