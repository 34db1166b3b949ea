import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { RunningService } from "../../executors/index.ts";
import { newId } from "../../kernel/index.ts";
import type { WorkerRow } from "../../store/serving.ts";
import type { LiveEndpoint } from "../types.ts";
import type { Grant } from "./ledger.ts";
import type { WebAddress } from "./launch.ts";
import type { WorkerState, WorkerView } from "./types.ts";

/** Where the logs of workers lie, in the store's folder. */
export const WORKER_LOGS = join("logs", "workers");

/** How a token is known: who sees the memory of the server sees no token. */
export function hashOfToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** A worker: what is known of it, from its start to its end. Who changes it is its pool. */
export class Worker {
  readonly id = newId();
  readonly token = randomBytes(24).toString("base64url");
  /** The endpoint as it was when this was started. */
  readonly live: LiveEndpoint;
  /** See `versionOf`. */
  readonly version: string;
  readonly grant: Grant;
  readonly #storeDir: string;
  state: WorkerState = "starting";
  readonly startedAt: number;
  /** When its process was asked for: what it needs was there. */
  launchedAt: number | null = null;
  readyAt: number | null = null;
  endedAt: number | null = null;
  /** Why it was ended, or ended. */
  reason: string | null = null;
  /** That it ends is a failure, though we end it. */
  isFailing = false;
  exitCode: number | null = null;
  signal: string | null = null;
  peakMemory: number | null = null;
  cpuMs: number | null = null;
  /** Jobs that it has. */
  readonly held = new Set<string>();
  /** Jobs that are over and that it has not let go of, with when it is ended for that. */
  readonly lingering = new Map<string, number>();
  /** Requests that it has, of a web app. */
  requests = 0;
  /** Jobs, or requests, that it has finished. */
  finished = 0;
  idleSince: number;
  service: RunningService | null = null;
  process: { readonly pgid: number; readonly pidStarted: string } | null = null;
  /** Of a web app: where it listens. */
  address: WebAddress | null = null;
  /** Nobody needs what it is still waiting for. */
  readonly abort = new AbortController();

  constructor(live: LiveEndpoint, version: string, grant: Grant, storeDir: string, now: number) {
    this.live = live;
    this.version = version;
    this.grant = grant;
    this.#storeDir = storeDir;
    this.startedAt = now;
    this.idleSince = now;
  }

  /** Jobs, or requests, that it is busy with. */
  get running(): number {
    return this.held.size + this.lingering.size + this.requests;
  }

  /** Does it live, and may it be given work, now or once it is ready? */
  get isOpen(): boolean {
    return this.state === "starting" || this.state === "ready";
  }

  get isGone(): boolean {
    return this.state === "ended" || this.state === "failed";
  }

  get stdout(): string {
    return join(this.#storeDir, WORKER_LOGS, `${this.id}.out`);
  }

  get stderr(): string {
    return join(this.#storeDir, WORKER_LOGS, `${this.id}.err`);
  }

  /**
   * As people see it.
   *
   * @param memory - bytes that it has now
   */
  view(memory: number | null): WorkerView {
    const { id, live, state, running, startedAt, readyAt, endedAt, reason, exitCode, signal } = this;
    const { stdout, stderr, peakMemory, cpuMs } = this;
    return {
      id,
      endpoint: live.name,
      deployment: live.deployment,
      version: live.version,
      state,
      running,
      jobs: this.finished,
      startedAt,
      readyAt,
      endedAt,
      reason,
      exitCode,
      signal,
      memory,
      peakMemory: peakMemory === null && memory === null ? null : Math.max(peakMemory ?? 0, memory ?? 0),
      cpuMs,
      gpus: this.grant.gpus,
      stdout,
      stderr,
    };
  }

  /** As it is recorded. */
  row(): WorkerRow {
    const { id, live, state, startedAt, readyAt, endedAt, reason, exitCode, signal, peakMemory, cpuMs } = this;
    return {
      id,
      endpoint: live.name,
      deployment: live.deployment,
      state,
      startedAt,
      readyAt,
      endedAt,
      reason,
      exitCode,
      signal,
      jobs: this.finished,
      peakMemory,
      cpuMs,
      stdout: join(WORKER_LOGS, `${id}.out`),
      stderr: join(WORKER_LOGS, `${id}.err`),
      pgid: this.process?.pgid ?? null,
      pidStarted: this.process?.pidStarted ?? null,
    };
  }
}
