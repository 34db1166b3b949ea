import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { codeHashOf } from "../../code/pack/code-file.ts";
import { isAlive } from "../../engine/is-alive.ts";
import { processStart } from "../../executors/index.ts";
import { type Log, newId } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { RunView } from "../../remote/index.ts";
import type { Deployments, SubmittedRuns } from "../services.ts";
import { checkNewRun } from "./run/check.ts";
import { runLogs } from "./run/logs.ts";
import { RUN_SETTINGS, type RunSettings } from "./run/settings.ts";
import { type Submission, SubmissionFiles } from "./run/submission.ts";
import { viewOf } from "./run/view.ts";
import { environmentOfRuns, nodeCommand } from "./start-process.ts";

/** What runs are opened with. */
export interface RunsOptions {
  readonly project: Pick<Project, "root" | "settings" | "store">;
  readonly deployments: Pick<Deployments, "codeDir">;
  readonly log: Log;
  /** So many processes at once; others wait. Default 16. */
  readonly most?: number;
}

/** A process of each run costs memory; the engines in them share the machine's processors among themselves as well. */
const MOST = 16;
/** How often a process is looked at that an earlier server has started, in milliseconds: nobody tells of its end. */
const LOOK_MS = 200;
/** How long it is remembered how a run was handed in, once it has ended, in milliseconds. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** The command line, of the sources or of the package. */
const LIGASE = fileURLToPath(new URL("../../../bin/ligase", import.meta.url));

/** Opens what takes runs in: those of an earlier server are found again. */
export function openRuns({ project, deployments, log, most = MOST }: RunsOptions): SubmittedRuns {
  const { store } = project;
  const { storeDir } = project.settings;
  const env = environmentOfRuns();
  const files = new SubmissionFiles(storeDir);
  /** The processes of this server, until they end. */
  const own = new Map<string, Promise<void>>();
  const waiting: string[] = [];
  let closed = false;

  const view = (id: string): Promise<RunView | undefined> => viewOf(id, files, store);

  const next = (): void => {
    while (!closed && own.size < most && waiting.length > 0) {
      const submission = files.read(waiting.shift() ?? "");
      if (submission && !submission.process && !submission.cancelled) own.set(submission.id, start(submission));
    }
  };

  const start = (submission: Submission): Promise<void> => {
    const { id } = submission;
    const child = spawnRun(submission);
    const { pid } = child;
    if (pid !== undefined) files.write({ ...submission, process: { pid, started: processStart(pid) ?? "" } });
    return new Promise((resolve) => {
      const over = (): void => {
        own.delete(id);
        resolve();
        next();
      };
      child.once("exit", over);
      child.once("error", (error) => {
        log.warn(`the run ${id} cannot be started: ${error.message}`);
        over();
      });
    });
  };

  const spawnRun = (submission: Submission): ChildProcess => {
    const { id, codeDir, entry, command } = submission;
    const [stdout, stderr] = [openSync(files.path(id, "stdout"), "a"), openSync(files.path(id, "stderr"), "a")];
    try {
      // In a session of its own, and not waited for: the end of the server is none of its business.
      const common = { cwd: codeDir, detached: true, stdio: ["ignore", stdout, stderr] } satisfies Parameters<
        typeof spawn
      >[2];
      let child: ChildProcess;
      if (command) {
        child = spawn(process.execPath, [LIGASE, "run", ...flagsOf(submission)], {
          ...common,
          env: { ...env, LIGASE_RUN_ID: id },
        });
      } else {
        const settings: RunSettings = {
          project: project.root,
          storeDir,
          id,
          codeDir,
          entry,
          expression: files.path(id, "expression"),
          refusal: files.path(id, "refusal.json"),
          name: submission.name,
          tags: submission.tags,
          noCache: submission.noCache,
          failFast: submission.failFast,
        };
        const node = nodeCommand(import.meta.url, "./run/main");
        child = spawn(node.command, node.args, {
          ...common,
          env: { ...env, [RUN_SETTINGS]: JSON.stringify(settings) },
        });
      }
      child.unref();
      return child;
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  };

  const flagsOf = ({ entry, command, tags, noCache, failFast }: Submission): string[] => [
    entry,
    command?.task ?? "main",
    ...(command?.argv ?? []),
    ...Object.entries(tags).flatMap(([name, value]) => ["--tag", `${name}=${value}`]),
    ...(noCache ? ["--no-cache"] : []),
    ...(failFast ? ["--fail-fast"] : []),
    "--quiet",
    // Of two the last one counts.
    "--store",
    storeDir,
  ];

  /** Waits until its process has ended, and no longer than that. */
  const ended = async (id: string, waitMs: number, signal: AbortSignal | undefined): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    signal?.addEventListener("abort", () => resolve(), { once: true });
    const running = own.get(id);
    // One that waits for a place, or that an earlier server has started, is looked at.
    const look = running ? undefined : setInterval(() => void lookAt(id, resolve), LOOK_MS);
    void running?.then(resolve);
    await promise;
    clearTimeout(timer);
    clearInterval(look);
  };

  const lookAt = async (id: string, over: () => void): Promise<void> => {
    const now = await view(id).catch(() => undefined);
    if (!now || isOver(now)) over();
  };

  const before = Date.now() - KEPT_MS;
  for (const submission of files.list()) {
    const { id, submittedAt, process: started, cancelled } = submission;
    if (!started && !cancelled) waiting.push(id);
    else if (submittedAt < before && !(started && isAlive(started.pid, started.started))) files.remove(id);
  }
  next();

  return {
    async submit(run, by) {
      checkNewRun(run);
      const { code, entry, command, expression, tags = {}, noCache = false, failFast = false } = run;
      const codeDir = await deployments.codeDir(code, codeHashOf(code));
      const id = newId();
      const submission: Submission = {
        id,
        submittedAt: Date.now(),
        by,
        codeDir,
        entry,
        name: run.name ?? command?.task ?? "run",
        command: command ?? null,
        tags: { ...tags, "submitted-by": by },
        noCache,
        failFast,
        process: null,
        cancelled: false,
      };
      files.create(submission, expression);
      waiting.push(id);
      next();
      return { id, task: submission.name, state: "pending", startedAt: null, endedAt: null };
    },
    async get(id, waitMs, signal) {
      const now = await view(id);
      if (!now || isOver(now) || waitMs <= 0) return now;
      await ended(id, waitMs, signal);
      return view(id);
    },
    async cancel(id) {
      const submission = files.read(id);
      const now = await view(id);
      if (!now || isOver(now)) return now;
      if (submission) files.write({ ...submission, cancelled: true });
      const process_ = submission?.process;
      if (process_ && isAlive(process_.pid, process_.started)) process.kill(process_.pid, "SIGTERM");
      // Also one that was not handed in: its engine sees it at its next turn.
      if (now.state === "running") await store.requestCancel(id);
      return view(id);
    },
    logs: (id, options) => runLogs(id, files, store, { ...options, view }),
    async close() {
      closed = true;
    },
  };
}

function isOver({ state }: RunView): boolean {
  return state !== "pending" && state !== "running";
}
