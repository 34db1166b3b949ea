import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { explainJob } from "../../engine/explain/index.ts";
import { formatBytes, formatDuration } from "../../kernel/index.ts";
import type { AttemptRow, JobRow, Store } from "../../store/types.ts";
import { wordOf } from "./states.ts";
import type { Terminal } from "./terminal.ts";
import { moment } from "./when.ts";

/** The last lines of a file; nothing when it is not there. */
export async function tailOf(path: string | null, lines = 20): Promise<readonly string[]> {
  if (path === null || !existsSync(path)) return [];
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, 64 * 1024));
    await handle.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").trimEnd().split("\n").slice(-lines);
  } finally {
    await handle.close();
  }
}

/** A stored value as one line of JSON that people can read. */
function readable(text: string | undefined): string {
  if (text === undefined) return "?";
  const simple = JSON.stringify(JSON.parse(text), (_, part: unknown) => {
    if (typeof part !== "object" || part === null || !("$" in part) || !("v" in part)) return part;
    const { v } = part;
    return typeof v === "object" && v !== null && "path" in v ? v.path : v;
  });
  return simple.length > 2000 ? `${simple.slice(0, 1999)}…` : simple;
}

/** Everything that is known of a job. */
export async function jobReport(store: Store, job: JobRow, terminal: Pick<Terminal, "styleOut">): Promise<string[]> {
  const paint = terminal.styleOut;
  const lines: string[] = [];
  const row = (label: string, text: string): void => void lines.push(`  ${paint("dim", label.padEnd(9))} ${text}`);
  const [attempts, call, task, explanation] = await Promise.all([
    store.listAttempts(job.id),
    store.getCall(job.call),
    store.getTask(job.taskHash),
    explainJob(store, job),
  ]);
  const values = await store.findValues([job.argsValue, ...(call?.resultValue ? [call.resultValue] : [])]);
  lines.push(`job ${paint("accent", job.id)} ${paint("strong", job.task)}: ${wordOf(job.state, paint)}`);
  row("run", job.run);
  if (job.parent !== null) row("called by", job.parent);
  if (task && task.file !== "") row("code", `${task.file}:${task.line}`);
  row("why", explanation.summary);
  row("args", readable(values.get(job.argsValue)));
  if (call?.resultValue && job.state !== "failed") row("result", readable(values.get(call.resultValue)));
  if (job.startedAt !== null) row("started", moment(job.startedAt));
  if (job.startedAt !== null && job.endedAt !== null) row("took", formatDuration(job.endedAt - job.startedAt));
  if (job.tags) row("tags", Object.entries(job.tags).map((tag) => tag.join("=")).join(" "));
  if (explanation.error) row("error", `${explanation.error.name}: ${explanation.error.message}`);
  for (const attempt of attempts) lines.push(...(await attemptLines(attempt, paint)));
  return lines;
}

async function attemptLines(attempt: AttemptRow, paint: Terminal["styleOut"]): Promise<string[]> {
  const lines = [`  attempt ${attempt.attempt}: ${attempt.outcome ?? "running"} on ${attempt.host} (${attempt.executor})`];
  const row = (label: string, text: string): void => void lines.push(`    ${paint("dim", label.padEnd(9))} ${text}`);
  const asked = [attempt.cpu !== null && `${attempt.cpu} CPU`, attempt.memory ? formatBytes(attempt.memory) : false, attempt.gpu ? `${attempt.gpu} GPU` : false];
  row("asked", asked.filter(Boolean).join(", "));
  const used = [
    attempt.wallMs !== null && `${formatDuration(attempt.wallMs)} wall`,
    attempt.cpuMs !== null && `${formatDuration(attempt.cpuMs)} CPU`,
    attempt.peakMemory !== null && `${formatBytes(attempt.peakMemory)} at most`,
    attempt.bytesIn !== null && `${formatBytes(attempt.bytesIn)} in`,
    attempt.bytesOut !== null && `${formatBytes(attempt.bytesOut)} out`,
  ].filter(Boolean);
  if (used.length > 0) row("used", used.join(", "));
  if (attempt.exitCode !== null) row("status", String(attempt.exitCode));
  if (attempt.signal !== null) row("signal", attempt.signal);
  if (attempt.tools) row("tools", Object.entries(attempt.tools).map((tool) => tool.join(" ")).join(", "));
  if (attempt.workDir !== null && existsSync(attempt.workDir)) row("work", attempt.workDir);
  for (const [label, path] of [["stdout", attempt.stdout], ["stderr", attempt.stderr]] as const) {
    const tail = await tailOf(path);
    if (tail.length > 0) row(label, path ?? "");
    for (const line of tail) lines.push(`      ${line.slice(0, 400)}`);
  }
  return lines;
}
