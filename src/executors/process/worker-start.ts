import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EngineName, Entry, ImageEngine, Mount } from "../../images/types.ts";
import { newId } from "../../kernel/index.ts";
import { WORKER_SETTINGS, type WorkerSettings } from "../../worker/index.ts";
import type { WorkerLogs } from "./body-dir.ts";
import type { Launcher } from "./launcher.ts";
import { workerMounts } from "./worker-mounts.ts";
import type { PlannedEnclosure, WorkerPlan } from "./worker-plan.ts";
import { workerCommand, workerEnvironment } from "./worker-program.ts";

const MOST_REMOVALS = 5;

/** A request to the launcher, without where the output goes. */
type Spawning = Omit<Parameters<Launcher["spawn"]>[0], keyof WorkerLogs>;

/** What workers are started with. */
export interface StartOptions {
  readonly root: string;
  readonly storeDir: string;
  /** Finds the engine of an environment. */
  readonly engine: (name: EngineName) => ImageEngine;
}

/** Where a new worker meets the engine. */
export interface Meeting {
  /** The folder of the socket `socket`, with nothing else in it. */
  readonly socketDir: string;
  readonly token: string;
  /** For this worker alone, and not shown to it; made when it is needed. */
  readonly ownDir: string;
}

/** A worker that is ready to be started. */
export interface WorkerStart {
  readonly request: Spawning;
  /** Where an enclosed worker can write; null for one on this machine, which can write anywhere. */
  readonly scratch: string | null;
  /** What an enclosed one sees, as it sees it. */
  readonly mounts: readonly Mount[];
  /** Removes what was made for it. */
  tidy(): void;
}

/** Makes what a worker needs to be started; starts nothing. */
export function prepareWorker(plan: WorkerPlan, meeting: Meeting, options: StartOptions): WorkerStart {
  const { root, storeDir } = options;
  const settings: WorkerSettings = {
    socket: join(meeting.socketDir, "socket"),
    token: meeting.token,
    bundle: plan.program.kind === "node" ? plan.program.bundle : "",
    root,
    storeDir,
    enclosed: plan.enclosure !== null,
  };
  const command = workerCommand(plan);
  const env = { ...workerEnvironment(plan), [WORKER_SETTINGS]: JSON.stringify(settings) };
  if (plan.enclosure) return enclosed(plan, plan.enclosure, { command, env }, meeting, options);
  const { limits, secrets } = plan;
  const confined = Object.keys(secrets).length > 0 || Object.values(limits).some((limit) => limit > 0);
  const request = { command, env, cwd: root, ...(confined && { confinement: { entry: null, limits, secrets } }) };
  return { request, scratch: null, mounts: [], tidy() {} };
}

function enclosed(
  { program, limits, secrets }: WorkerPlan,
  enclosure: PlannedEnclosure,
  { command, env }: { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> },
  { socketDir, ownDir }: Meeting,
  { root, storeDir, engine }: StartOptions,
): WorkerStart {
  const { environment, network, gpus } = enclosure;
  const id = newId();
  // Named as the directories of attempts are, so that one that a crash left behind is collected with these.
  const scratch = join(storeDir, "work", `worker.${id}-0`);
  // Temporary files are on the disk, where they count as disk and not as memory.
  const temporary = join(scratch, "tmp");
  mkdirSync(temporary, { recursive: true });
  const mounts = workerMounts({ program, enclosure, root, storeDir, socketDir, scratch, temporary, ownDir });
  const tidy = (): void => {
    for (const dir of [scratch, ownDir]) removeAll(dir);
  };
  let entry: Entry;
  try {
    entry = engine(environment.engine).enter(environment, {
      name: `ligase-worker-${id}`,
      command,
      cwd: scratch,
      env: { HOME: "/tmp", TMPDIR: "/tmp", ...env, ...gpuEnvironment(gpus), ...secrets },
      mounts,
      network,
      limits,
      gpus,
    });
  } catch (error) {
    tidy();
    throw error;
  }
  return {
    request: { command, env, cwd: root, confinement: { entry, limits, secrets }, scratch },
    scratch,
    mounts,
    tidy,
  };
}

/**
 * Removes a folder. Where the launcher is removing a job's directory in it at the same time, either stops at what the other
 * has removed, without a word: then it is not all gone yet.
 */
function removeAll(dir: string): void {
  for (let i = 0; i < MOST_REMOVALS && existsSync(dir); i++) {
    try {
      rmSync(dir, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
    } catch {
      // `ligase gc` takes what is left.
    }
  }
}

/** The GPUs of a worker are its own for life: a library looks for them once. Inside it sees no others. */
function gpuEnvironment(gpus: readonly number[]): Record<string, string> {
  return gpus.length > 0 ? { CUDA_VISIBLE_DEVICES: gpus.map((_, i) => i).join(",") } : {};
}
