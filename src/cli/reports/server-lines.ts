import { formatBytes, formatDuration } from "../../kernel/index.ts";
import type { EndpointView, JobView, LogLineView, Percentiles, WorkerView } from "../../remote/index.ts";
import type { Paint, Style, Terminal } from "../terminal/terminal.ts";
import { asShown, columns, columnsOf, pad, sentence } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { Rows } from "./rows.ts";

/** What a table is written on. */
export type Screen = Pick<Terminal, "styleOut" | "widthOut">;

/** Endpoints as a table; under each why its jobs wait. */
export function endpointLines(endpoints: readonly EndpointView[], { styleOut: paint, widthOut }: Screen): string[] {
  const head = [
    "endpoint",
    "version",
    "workers",
    "queued",
    "running",
    "done",
    "failed",
    "jobs/s",
    "wait",
    "run",
    "memory",
  ];
  const rows = endpoints.map(({ name, app, version, stopped, maxWorkers, workers, jobs, stats, memory }) => [
    paint("strong", name),
    `${app} v${version}`,
    stopped ? paint("warn", "stopped") : `${workers.idle + workers.running + workers.initializing} of ${maxWorkers}`,
    paint(jobs.inQueue > 0 ? "accent" : "dim", String(jobs.inQueue)),
    paint(jobs.inProgress > 0 ? "accent" : "dim", String(jobs.inProgress)),
    String(jobs.completed),
    jobs.failed > 0 ? paint("bad", String(jobs.failed)) : paint("dim", "0"),
    rateText(stats.jobsPerSecond),
    timeText(stats.queueDelay.p95),
    timeText(stats.execution.p95),
    memory === null ? "" : formatBytes(memory),
  ]);
  const table = columns([head.map((name) => paint("dim", name)), ...rows], {
    right: [2, 3, 4, 5, 6, 7, 8, 9, 10],
    width: widthOut,
  });
  return table.flatMap((line, i) => {
    const reason = endpoints[i - 1]?.reason ?? null;
    return reason === null ? [line] : [line, ...reasonLines(reason, paint, widthOut)];
  });
}

/** Why something is not as it should be, below what it is about. */
export function reasonLines(reason: string, paint: Paint, width: number): string[] {
  return sentence(reason, "  ", width).map((line, i) => paint("warn", i === 0 ? line.replace(/^ {2}/, "! ") : line));
}

/** One endpoint in full. */
export function endpointFacts(endpoint: EndpointView, url: string, { styleOut: paint, widthOut }: Screen): string[] {
  const { name, kind, app, version, doc, stopped, minWorkers, maxWorkers, concurrency, jobs, workers, stats } =
    endpoint;
  const rows = new Rows(paint, { screen: widthOut })
    .add("address", `${url}${endpoint.url}`)
    .add("app", `${app}, version ${version}`)
    .add("about", doc)
    .add("workers", workersText(endpoint))
    .add("scale", `${minWorkers} to ${maxWorkers} workers${concurrency === 1 ? "" : `, ${concurrency} jobs each`}`);
  if (kind === "queue") {
    rows
      .add("queue", `${jobs.inQueue} waiting, ${jobs.inProgress} running`)
      .add("so far", [`${jobs.completed} done`, `${jobs.failed} failed`, `${jobs.retried} retried`].join(", "))
      .add("of late", `${stats.completed} done, ${stats.failed} failed, ${rateText(stats.jobsPerSecond)} a second`)
      .add("wait", percentilesText(stats.queueDelay))
      .add("run", percentilesText(stats.execution));
  }
  rows.add("starts", stats.coldStarts === 0 ? null : `${stats.coldStarts}: ${percentilesText(stats.coldStart)}`);
  rows.add("memory", endpoint.memory === null ? null : formatBytes(endpoint.memory));
  rows.add("GPUs", endpoint.gpus.length === 0 ? null : endpoint.gpus.join(", "));
  const state = stopped ? ` ${paint("warn", "stopped")}` : "";
  return [
    `${kind === "queue" ? "endpoint" : "web app"} ${paint("strong", name)}${state}`,
    ...(endpoint.reason === null ? [] : reasonLines(endpoint.reason, paint, widthOut)),
    ...rows.lines,
    ...(workers.throttled > 0 ? [`  ${paint("warn", `${workers.throttled} more wanted, and not to be had`)}`] : []),
  ];
}

function workersText({ workers }: EndpointView): string {
  const parts: readonly (readonly [number, string])[] = [
    [workers.running, "busy"],
    [workers.idle, "idle"],
    [workers.initializing, "starting"],
    [workers.unhealthy, "in a loop of crashes"],
  ];
  const said = parts.filter(([n]) => n > 0).map((part) => part.join(" "));
  return said.length === 0 ? "none" : said.join(", ");
}

const WORKER_STYLES: Readonly<Record<WorkerView["state"], Style>> = {
  starting: "accent",
  ready: "good",
  stopping: "warn",
  ended: "dim",
  failed: "bad",
};

/** Workers as a table; under those that failed why. */
export function workerLines(workers: readonly WorkerView[], { styleOut: paint, widthOut }: Screen): string[] {
  const head = ["worker", "endpoint", "state", "jobs", "running", "started", "cold start", "memory", "cpu", "GPUs"];
  const rows = workers.map((worker) => [
    paint("accent", worker.id),
    `${worker.endpoint} v${worker.version}`,
    paint(WORKER_STYLES[worker.state], worker.state),
    String(worker.jobs),
    worker.running > 0 ? paint("accent", String(worker.running)) : paint("dim", "0"),
    ago(worker.startedAt),
    worker.readyAt === null ? "" : formatDuration(Math.max(0, worker.readyAt - worker.startedAt)),
    memoryText(worker),
    worker.cpuMs === null ? "" : formatDuration(worker.cpuMs),
    worker.gpus.join(","),
  ]);
  const table = columns([head.map((name) => paint("dim", name)), ...rows], { right: [3, 4, 6, 7, 8], width: widthOut });
  return table.flatMap((line, i) => {
    const { reason = null, state = "ready" } = workers[i - 1] ?? {};
    if (reason === null) return [line];
    // Most end because there is nothing more to do for them.
    if (state === "ended") return [line, ...sentence(reason, "  ", widthOut).map((each) => paint("dim", each))];
    return [line, ...reasonLines(reason, paint, widthOut)];
  });
}

function memoryText({ memory, peakMemory }: WorkerView): string {
  const bytes = memory ?? peakMemory;
  return bytes === null ? "" : formatBytes(bytes);
}

/** How the state of a job looks. */
export function statusText(status: string, paint: Paint): string {
  const styles: Readonly<Record<string, Style>> = {
    IN_QUEUE: "dim",
    IN_PROGRESS: "accent",
    COMPLETED: "good",
    FAILED: "bad",
    CANCELLED: "warn",
    TIMED_OUT: "bad",
  };
  return paint(styles[status] ?? "strong", status);
}

/** Jobs as a table, and below it once why those that wait do. */
export function jobLines(jobs: readonly JobView[], { styleOut: paint, widthOut }: Screen): string[] {
  const head = ["job", "endpoint", "state", "came", "waited", "ran", "tries", "worker"];
  const now = Date.now();
  const rows = jobs.map((job) => [
    paint("accent", job.id),
    job.endpoint,
    statusText(job.status, paint),
    ago(job.createdAt),
    timeText(Math.max(0, (job.takenAt ?? job.endedAt ?? now) - job.createdAt)),
    job.takenAt === null ? "" : timeText(Math.max(0, (job.endedAt ?? now) - job.takenAt)),
    String(job.attempts),
    job.worker ?? "",
  ]);
  const table = columns([head.map((name) => paint("dim", name)), ...rows], { right: [4, 5, 6], width: widthOut });
  const waiting = new Map<string, string>();
  for (const { status, endpoint, reason } of jobs) {
    if (status === "IN_QUEUE" && reason !== null) waiting.set(endpoint, reason);
  }
  const why = [...waiting].flatMap(([name, reason]) => reasonLines(`jobs of ${name} wait: ${reason}`, paint, widthOut));
  return [...table, ...why];
}

/** One job in full. */
export function jobFactLines(job: JobView, { styleOut: paint, widthOut }: Screen): string[] {
  const { createdAt, takenAt, endedAt } = job;
  const rows = new Rows(paint, { screen: widthOut })
    .add("endpoint", job.endpoint)
    .add("came", ago(createdAt))
    .add("waited", takenAt === null ? null : timeText(Math.max(0, takenAt - createdAt)))
    .add("ran", takenAt === null || endedAt === null ? null : timeText(Math.max(0, endedAt - takenAt)))
    .add("tries", job.attempts > 1 || job.retries > 0 ? `${job.attempts}, asked for again ${job.retries} times` : null)
    .add("worker", job.worker)
    .add("run", job.run)
    .add("input", valueText(job.input))
    .add("output", job.outputUrl ?? valueText(job.output))
    .add("error", errorText(job.error));
  return [
    `job ${paint("accent", job.id)} ${statusText(job.status, paint)}`,
    ...(job.reason === null ? [] : reasonLines(job.reason, paint, widthOut)),
    ...rows.lines,
  ];
}

/** Of a value so many letters are shown. */
const SHOWN = 2000;

function valueText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (--json prints all of it)`;
}

/** What a worker says of a failure: its traceback, where it sent one. */
function errorText(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return valueText(error);
  const said: Readonly<Record<string, unknown>> = { ...error };
  const trace = said["error_traceback"];
  if (typeof trace === "string" && trace.trim() !== "") return trace.trimEnd();
  const message = said["error_message"];
  return typeof message === "string" ? message : valueText(error);
}

function percentilesText({ p50, p95, p99 }: Percentiles): string | null {
  if (p50 === null) return null;
  return `${timeText(p50)} in the middle, 95 % under ${timeText(p95)}, 99 % under ${timeText(p99)}`;
}

function timeText(ms: number | null): string {
  return ms === null ? "" : formatDuration(ms);
}

function rateText(perSecond: number): string {
  return perSecond >= 100 ? String(Math.round(perSecond)) : String(Math.round(perSecond * 100) / 100);
}

/** Prints log lines: as they are where they come from one worker, else each behind its worker. */
export function logPrinter(terminal: Terminal, { prefix }: { readonly prefix: boolean }): (line: LogLineView) => void {
  if (!prefix) {
    return ({ stream, text }) => {
      if (stream === "stdout") terminal.out(text);
      else terminal.note(text);
    };
  }
  let width = 0;
  const paint = terminal.styleOut;
  return ({ from, stream, text }) => {
    width = Math.max(width, columnsOf(from));
    const shown = asShown(text);
    terminal.out(
      `${paint("accent", pad(from, width))} ${paint("dim", "│")} ${stream === "stderr" ? paint("dim", shown) : shown}`,
    );
  };
}
