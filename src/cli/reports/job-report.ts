import { existsSync } from "node:fs";
import { formatBytes, formatDuration } from "../../kernel/index.ts";
import type { AttemptRow, JobRow } from "../../store/types.ts";
import { tailOf } from "../../worker/script/tail.ts";
import { explainBriefly } from "../../record/explain/index.ts";
import { short } from "../../record/short.ts";
import type { ProjectRecord } from "../../record/open.ts";
import { parameterNames } from "../../record/parameter-names.ts";
import { argumentsText, storedValue } from "../../record/stored-value.ts";
import { pathFrom } from "../../record/path.ts";
import { Rows } from "./rows.ts";
import { wordOf } from "../terminal/states.ts";
import type { Paint } from "../terminal/terminal.ts";
import { shorten } from "../terminal/text.ts";
import { moment } from "../terminal/when.ts";

const LONGEST_VALUE = 2000;

/** Everything that is known of a job. */
export async function jobReport(record: ProjectRecord, job: JobRow, paint: Paint): Promise<string[]> {
  const { store } = record;
  const [attempts, call, task, explanation] = await Promise.all([
    store.listAttempts(job.id),
    store.getCall(job.call),
    store.getTask(job.taskHash),
    explainBriefly(store, job),
  ]);
  const hasResult = job.state === "done" || job.state === "cached";
  const resultHash = hasResult ? call?.resultValue : undefined;
  const values = await store.findValues([job.argsValue, ...(resultHash ? [resultHash] : [])]);
  const args = values.get(job.argsValue);
  const result = resultHash ? values.get(resultHash) : undefined;
  const names = await parameterNames(task?.code ?? "");
  const took = job.startedAt !== null && job.endedAt !== null ? formatDuration(job.endedAt - job.startedAt) : undefined;
  const { error } = explanation;
  const rows = new Rows(paint)
    .add("run", short(job.run))
    .add("called by", job.parent === null ? undefined : short(job.parent))
    .add("code", task && task.file !== "" ? `${task.file}:${task.line}` : undefined)
    .add("why", explanation.summary)
    .add("args", args === undefined ? undefined : shorten(argumentsText(args, names, record), LONGEST_VALUE))
    .add(
      "result",
      result === undefined ? undefined : shorten(JSON.stringify(storedValue(result, record)), LONGEST_VALUE),
    )
    .add("started", job.startedAt === null ? undefined : moment(job.startedAt))
    .add("took", took)
    .add(
      "tags",
      Object.entries(job.tags ?? {})
        .map((tag) => tag.join("="))
        .join(" "),
    )
    .add(
      "error",
      error &&
        (error.code?.startsWith("LIGASE_E_") ? `${error.message} (${error.code})` : `${error.name}: ${error.message}`),
    );
  return [
    `job ${paint("accent", job.id)} ${paint("strong", job.task)}: ${wordOf(job.state, paint)}`,
    ...rows.lines,
    ...attempts.flatMap((attempt) => attemptLines(attempt, paint)),
  ];
}

function attemptLines(attempt: AttemptRow, paint: Paint): string[] {
  const cwd = process.cwd();
  const rows = new Rows(paint, "    ");
  const asked = [
    attempt.cpu !== null && `${attempt.cpu} CPU`,
    attempt.memory ? formatBytes(attempt.memory) : false,
    attempt.gpu ? `${attempt.gpu} GPU` : false,
    attempt.disk ? `${formatBytes(attempt.disk)} of disk` : false,
  ];
  const used = [
    attempt.wallMs !== null && `${formatDuration(attempt.wallMs)} wall`,
    attempt.cpuMs !== null && `${formatDuration(attempt.cpuMs)} CPU`,
    attempt.peakMemory !== null && `${formatBytes(attempt.peakMemory)} at most`,
    attempt.bytesIn !== null && `${formatBytes(attempt.bytesIn)} in`,
    attempt.bytesOut !== null && `${formatBytes(attempt.bytesOut)} out`,
  ];
  rows
    .add("asked", asked.filter(Boolean).join(", "))
    .add("used", used.filter(Boolean).join(", "))
    .add("status", attempt.exitCode === null ? undefined : String(attempt.exitCode))
    .add("signal", attempt.signal)
    .add(
      "tools",
      Object.entries(attempt.tools ?? {})
        .map((tool) => tool.join(" "))
        .join(", "),
    )
    .add("work", attempt.workDir !== null && existsSync(attempt.workDir) ? pathFrom(attempt.workDir, cwd) : undefined);
  for (const [label, path] of [
    ["stdout", attempt.stdout],
    ["stderr", attempt.stderr],
  ] as const) {
    const tail = path === null ? [] : tailOf(path);
    if (path !== null && tail.length > 0) rows.add(label, pathFrom(path, cwd));
    for (const line of tail) rows.lines.push(`      ${line}`);
  }
  return [
    `  attempt ${attempt.attempt}: ${attempt.outcome ?? "running"} on ${attempt.host} (${attempt.executor})`,
    ...rows.lines,
  ];
}
