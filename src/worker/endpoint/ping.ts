/**
 * The thread that tells the server which jobs run: also while a handler keeps the first thread busy for minutes.
 *
 * @module
 */
import { workerData } from "node:worker_threads";
import { Client } from "./client.ts";
import { Running } from "./running.ts";

/** What the thread is told. */
export interface PingSettings {
  readonly socket: string;
  readonly token: string;
  /** Without its query. */
  readonly path: string;
  readonly everyMs: number;
  readonly memory: SharedArrayBuffer;
}

const { socket, token, path, everyMs, memory } = workerData as PingSettings;
const client = new Client(socket, token);
const running = new Running(memory);

async function ping(): Promise<void> {
  try {
    await client.request("GET", `${path}?job_id=${running.ids().map(encodeURIComponent).join(",")}`);
  } catch {
    // The server is gone: the first thread sees to it when it is not busy.
  }
}

setInterval(() => void ping(), everyMs);
