import { rmSync } from "node:fs";
import type { ServiceExit, ServiceLauncher } from "../../executors/index.ts";
import { answers } from "./answers.ts";
import { type Launch, type LaunchContext, prepareLaunch } from "./launch.ts";
import type { Worker } from "./worker.ts";

/** Who is told what becomes of a worker that is started. */
export interface StartListener {
  /** Its process was asked for: what it needs was there. */
  launched(worker: Worker): void;
  /** Its process is known. */
  known(worker: Worker): void;
  /** A web app answers. */
  answers(worker: Worker): void;
  /** It has ended; or never began: then there is no exit, and its `reason` says why. */
  ended(worker: Worker, exit: ServiceExit | null): void;
}

/** What workers are started with. */
export interface StartOptions {
  readonly context: LaunchContext;
  readonly launcher: ServiceLauncher;
  readonly now: () => number;
}

/** Starts a worker: at once where nothing is to be waited for, so that the first job of an endpoint waits for nothing. */
export function startWorker(worker: Worker, options: StartOptions, listener: StartListener): void {
  const refuse = (error: unknown): void => {
    if (worker.state === "starting") {
      worker.isFailing = true;
      worker.reason = `worker could not be started: ${error instanceof Error ? error.message : String(error)}`;
    }
    listener.ended(worker, null);
  };
  const go = (launch: Launch): void => {
    try {
      launchWorker(worker, launch, options, listener);
    } catch (error) {
      tidy(launch);
      refuse(error);
    }
  };
  try {
    const launch = prepareLaunch(worker, options.context);
    if (launch instanceof Promise) launch.then(go, refuse);
    else go(launch);
  } catch (error) {
    refuse(error);
  }
}

function launchWorker(worker: Worker, launch: Launch, { launcher, now }: StartOptions, listener: StartListener): void {
  // Nobody needs it any more.
  if (worker.state !== "starting") return tidy(launch);
  const { request, address } = launch;
  const service = launcher.start(request, (process) => {
    worker.process = process;
    listener.known(worker);
  });
  worker.launchedAt = now();
  worker.address = address;
  worker.service = service;
  listener.launched(worker);
  void service.over.then((exit) => {
    tidy(launch);
    listener.ended(worker, exit);
  });
  if (address === null) return;
  const { program } = worker.live;
  const path = program.kind === "web-command" ? program.healthPath : null;
  void answers(address, path, worker.abort.signal).then(() => listener.answers(worker));
}

function tidy({ folder }: Launch): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}
