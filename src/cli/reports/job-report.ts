import { existsSync } from "node:fs";
import { openLinks } from "../../files/links/index.ts";
import { formatBytes, formatDuration } from "../../kernel/index.ts";
import { SCRIPT } from "../../project/owner.ts";
import { scriptCommand } from "../../record/script-command.ts";
import type { AttemptRow, JobRow, Store } from "../../store/types.ts";
import { tailOf } from "../../worker/script/tail.ts";
import { explainBriefly } from "../../record/explain/index.ts";
import { short } from "../../record/short.ts";
import type { ProjectRecord } from "../../record/open.ts";
import { outputsIn } from "../../record/outputs.ts";
import { parameterNames } from "../../record/parameter-names.ts";
import { argumentsText, storedValue } from "../../record/stored-value.ts";
import { pathFrom } from "../../record/path.ts";
import { outputLines } from "./output-lines.ts";
import { Rows } from "./rows.ts";
import { wordOf } from "../terminal/states.ts";
import type { Paint, Terminal } from "../terminal/terminal.ts";
import { shorten } from "../terminal/text.ts";
import { moment } from "../terminal/when.ts";

const LONGEST_VALUE = 2000;

/** Everything that is known of a job. */
export async function jobReport(
  record: ProjectRecord,
  job: JobRow,
  { styleOut: paint, widthOut: screen }: Pick<Terminal, "styleOut" | "widthOut">,
): Promise<string[]> {
  const { store } = record;
  const [attempts, scripts, call, task, explanation] = await Promise.all([
    allAttempts(store, job),
    scriptsOf(record, job),
    store.getCall(job.call),
    store.getTask(job.taskHash),
    explainBriefly(store, job),
  ]);
  const environments = await environmentsOf(store, job, attempts);
  const hasResult = job.state === "done" || job.state === "cached";
  const resultHash = hasResult ? call?.resultValue : undefined;
  const values = await store.findValues([job.argsValue, ...(resultHash ? [resultHash] : [])]);
  const args = values.get(job.argsValue);
  const result = resultHash ? values.get(resultHash) : undefined;
  const names = await parameterNames(task?.code ?? "");
  const took = job.startedAt !== null && job.endedAt !== null ? formatDuration(job.endedAt - job.startedAt) : undefined;
  const { error } = explanation;
  const rows = new Rows(paint, { screen })
    .add("run", short(job.run))
    .add("called by", job.parent === null ? undefined : short(job.parent))
    .add("code", task && task.file !== "" ? `${task.file}:${task.line}` : undefined)
    .add("why", explanation.summary)
    .add(
      "args",
      // Of a script that is its text.
      args === undefined || job.task === SCRIPT
        ? undefined
        : shorten(argumentsText(args, names, record), LONGEST_VALUE),
    )
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
    ...(result === undefined ? [] : handedOut(record, result, paint)),
    ...scripts.flatMap((script) => [
      `  ${paint("dim", "script")}`,
      ...script
        .trimEnd()
        .split("\n")
        .map((line) => `    ${line}`),
    ]),
    ...attempts.flatMap((attempt, i) => attemptLines(attempt, environments[i], paint, screen)),
  ];
}

/** The outputs in a result, with where they are opened. */
function handedOut(record: ProjectRecord, result: string, paint: Paint): string[] {
  const outputs = outputsIn(result, record);
  if (outputs.length === 0) return [];
  const links = openLinks(record.storeDir, record.server);
  return [`  ${paint("dim", "outputs")}`, ...outputLines(outputs, links, paint, "    ")];
}

/** The attempts of a job, and of the scripts that its body built: that is where its work was done. */
export async function allAttempts(store: Store, job: JobRow): Promise<readonly AttemptRow[]> {
  const scripts = await store.listJobs({ run: job.run, parent: job.id, task: SCRIPT });
  return (await Promise.all([job, ...scripts].map(({ id }) => store.listAttempts(id)))).flat();
}

/** The environment of each attempt in a line: one that ran with the tools of this machine has that of its call. */
async function environmentsOf(
  store: Store,
  job: JobRow,
  attempts: readonly AttemptRow[],
): Promise<readonly (string | undefined)[]> {
  const { environmentOfAttempt, environmentOfJob, environmentText } =
    await import("../../record/environments/index.ts");
  return Promise.all(
    attempts.map(async (attempt) => {
      const found = await (attempt.image === null
        ? environmentOfJob(store, attempt.job === job.id ? job : attempt.job)
        : environmentOfAttempt(store, attempt));
      return found && environmentText(found);
    }),
  );
}

/** So many scripts of one body are shown. */
const MOST_SCRIPTS = 3;

/** The texts of the scripts that a job is, or built. */
async function scriptsOf(record: ProjectRecord, job: JobRow): Promise<readonly string[]> {
  const { store } = record;
  const scripts =
    job.task === SCRIPT
      ? [job]
      : await store.listJobs({ run: job.run, parent: job.id, task: SCRIPT, limit: MOST_SCRIPTS });
  const texts = await store.findValues(scripts.map(({ argsValue }) => argsValue));
  return scripts.flatMap(({ argsValue }) => scriptCommand(texts.get(argsValue) ?? "[]", record) ?? []);
}

function attemptLines(attempt: AttemptRow, image: string | undefined, paint: Paint, screen: number): string[] {
  const cwd = process.cwd();
  const rows = new Rows(paint, { indent: "    ", screen });
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
    .add("image", image)
    .add(
      "held to",
      attempt.limits === null ? undefined : attempt.limits.replaceAll(" ", ", ") || "nothing: see ligase doctor",
    )
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
