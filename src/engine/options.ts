import type { Resources } from "../executors/types.ts";
import { scriptTask } from "../expr/script.ts";
import type { PerAttempt, TaskOptions } from "../expr/options.ts";
import type { TaskImpl } from "../expr/task.ts";
import { type Backoff, LigaseError, parseBytes, parseDuration } from "../kernel/index.ts";
import type { Job } from "./job.ts";
import type { Demand } from "./scheduler.ts";

/** The built-in task that runs scripts. */
export const SCRIPT = "script";

/** The executor of jobs that name none. */
export const DEFAULT_EXECUTOR = "process";

/** Do a task's options belong to the script its body builds? */
export function isScripted(task: TaskImpl): boolean {
  return task.definition?.scripted ?? false;
}

/** A job, as far as its task and options say what it takes. */
type Optioned = Pick<Job, "task" | "options">;

/** Does the job's body run outside this process? */
export function isIsolated(job: Optioned): boolean {
  if (job.task.name === SCRIPT) return true;
  if (isScripted(job.task) || job.task.lifted) return false;
  if (job.task.python) return true;
  const { cpu, memory, gpu, disk, image, executor, volumes, secrets } = job.options;
  if (executor === "inline") return false;
  // Asked of every job whose state changes.
  const asks = cpu !== undefined || memory !== undefined || gpu !== undefined || disk !== undefined;
  return asks || image !== undefined || executor !== undefined || volumes !== undefined || secrets !== undefined;
}

/**
 * The options of a script: those of the task whose body built it, and over them its own. What
 * names or versions the task is not handed down.
 */
export function scriptOptions(owner: Job | undefined, own: TaskOptions | undefined): TaskOptions {
  if (!owner || !isScripted(owner.task)) return own ?? {};
  const { name: _name, version: _version, input: _input, check: _check, ...handed } = owner.options;
  return { ...handed, ...own };
}

function forAttempt<T>(value: PerAttempt<T>, attempt: number): T {
  // A function of the attempt; no option is itself a function.
  return typeof value === "function" ? (value as (context: { attempt: number }) => T)({ attempt }) : value;
}

/** How many GPUs, and of which kind: `"A100"` is one, `"A100:2"` two, 2 are two of any kind. */
export function gpusOf(gpu: number | string): { readonly gpu: number; readonly kind: string } {
  if (typeof gpu === "number") return { gpu, kind: "" };
  const [, kind = "", count = "1"] = /^(.*?)(?::(\d+))?$/.exec(gpu) ?? [];
  return { gpu: Number(count), kind };
}

/** Adds which option of which task it was to an error about its value. */
function named<T>(job: Optioned, option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LigaseError)) throw error;
    throw new LigaseError(error.code, `${job.task.name}: option ${option}: ${error.message}`, {
      facts: { ...error.facts, task: job.task.name, option },
      ...(error.mend !== undefined && { mend: error.mend }),
    });
  }
}

/** What the next attempt of a job asks for. */
export function resourcesOf(job: Optioned, attempt: number): Resources {
  const { cpu, memory, gpu, disk } = job.options;
  const bytes = (option: string, value: PerAttempt<number | string> | undefined): number =>
    value === undefined ? 0 : named(job, option, () => parseBytes(forAttempt(value, attempt)));
  const isolated = isIsolated(job);
  return {
    cpu: isolated ? (cpu === undefined ? 1 : forAttempt(cpu, attempt)) : 0,
    memory: isolated ? bytes("memory", memory) : 0,
    gpu: isolated && gpu !== undefined ? gpusOf(forAttempt(gpu, attempt)).gpu : 0,
    disk: isolated ? bytes("disk", disk) : 0,
  };
}

/** What a job takes of the named limits. A task whose body builds a script leaves them to the script. */
export function limitsOf(job: Optioned): Readonly<Record<string, number>> {
  const { limits } = job.options;
  if (!limits || isScripted(job.task)) return {};
  if (!Array.isArray(limits)) return limits as Readonly<Record<string, number>>;
  return Object.fromEntries((limits as readonly string[]).map((name) => [name, 1]));
}

function executorOf({ task, options: { executor = DEFAULT_EXECUTOR } }: Optioned): string {
  // Python never runs in this process.
  return task.python && executor === "inline" ? DEFAULT_EXECUTOR : executor;
}

/** Everything the scheduler weighs. */
export function demandOf(job: Optioned, attempt: number): Demand {
  const isolated = isIsolated(job);
  const { gpu } = job.options;
  return {
    executor: isolated ? executorOf(job) : "inline",
    resources: resourcesOf(job, attempt),
    gpuKind: isolated && gpu !== undefined ? gpusOf(forAttempt(gpu, attempt)).kind : "",
    limits: limitsOf(job),
    priority: job.options.priority ?? 0,
  };
}

/**
 * What a job of a task takes outside of this process, as far as the task itself says; nothing where it runs inline. Of a
 * task whose body builds a script it is the script's.
 */
export function demandOutside(task: TaskImpl): Demand | undefined {
  const job = { task: isScripted(task) ? scriptTask : task, options: task.options };
  return isIsolated(job) ? demandOf(job, 1) : undefined;
}

/** The time an attempt may take, in milliseconds; 0 for no limit. */
export function timeoutOf(job: Job, attempt: number): number {
  const { timeout } = job.options;
  if (timeout === undefined || isScripted(job.task)) return 0;
  return named(job, "timeout", () => parseDuration(forAttempt(timeout, attempt)));
}

/** How often a job is tried again, and how long is waited in between. */
export function retriesOf(job: Job, fallback: number): { times: number; backoff: Backoff } {
  const retries = isScripted(job.task) ? 0 : (job.options.retries ?? fallback);
  const options = typeof retries === "number" ? { times: retries } : retries;
  return named(job, "retries", () => ({
    times: options.times,
    backoff: {
      initial: parseDuration(options.delay ?? 1),
      factor: options.factor ?? 2,
      max: parseDuration(options.maxDelay ?? "5m"),
    },
  }));
}
