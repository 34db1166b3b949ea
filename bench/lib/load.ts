import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a load of requests met. Times are milliseconds. */
export interface Load {
  readonly seconds: number;
  readonly requests: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What is asked, and how often. */
export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  readonly clients: number;
  readonly requests: number;
}

/**
 * So many clients, each asking again when it has its answer, in a process of their own. Each answer must be that of a job
 * that is done.
 */
export async function load(options: LoadOptions): Promise<Load> {
  const program = fileURLToPath(new URL("load-main.ts", import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [out, code] = await Promise.all([text(child.stdout), exited]);
  if (code !== 0) throw new Error("the load broke off");
  return JSON.parse(out) as Load;
}
