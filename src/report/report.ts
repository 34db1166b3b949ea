import { type Graph, readGraph } from "../graph/index.ts";
import { LigaseError } from "../kernel/index.ts";
import type { ProjectRecord } from "../record/open.ts";
import { short } from "../record/short.ts";
import type { RunRow } from "../store/types.ts";
import { type Code, readCode } from "./code.ts";
import { type Cost, readCost, type Prices } from "./cost.ts";
import { type Environments, readEnvironments } from "./environments.ts";
import { type Extremes, readExtremes } from "./extremes.ts";
import { type Failures, readFailures } from "./failures.ts";
import { type Files, readFiles } from "./files.ts";
import { type Methods, methodsOf } from "./methods/methods.ts";
import { readParameters, type ReportedParameter } from "./parameters.ts";
import { readCached } from "./read/origins.ts";
import { readRows } from "./read/rows.ts";
import { redact } from "./redact.ts";
import { readResources, type Resources } from "./resources/resources.ts";
import { readSoftware, type Software } from "./software.ts";
import { readSummary, type Summary } from "./summary.ts";
import { readTasks, type TaskJobs } from "./tasks.ts";
import { readTimeline, type Timeline } from "./timeline/timeline.ts";

/** All that a report says, as plain data: what `ligase report --json` prints. Times are milliseconds, sizes bytes. */
export interface Report {
  /** When it was made. */
  readonly madeAt: number;
  readonly summary: Summary;
  readonly graph: Graph;
  readonly tasks: readonly TaskJobs[];
  readonly timeline: Timeline;
  readonly resources: Resources;
  readonly extremes: Extremes;
  readonly failures: Failures;
  readonly parameters: readonly ReportedParameter[];
  readonly files: Files;
  readonly cost: Cost;
  readonly code: Code;
  readonly environments: Environments;
  readonly software: Software;
  readonly methods: Methods;
}

/**
 * Reads all that a report of a run says. What is not recorded any more is left out.
 *
 * @throws LigaseError `LIGASE_E_RUN_GONE` when the run is deleted in the meantime
 * @example
 * ```ts
 * const report = await withRecord(undefined, async (record, settings) =>
 * readReport(record, await newestRun(record.store), settings));
 * ```
 */
export async function readReport(record: ProjectRecord, run: RunRow, prices: Prices): Promise<Report> {
  const rows = await readRows(record, run);
  const cached = await readCached(rows);
  const summary = readSummary(rows, cached);
  const code = readCode(rows);
  const software = readSoftware(rows, cached);
  const environments = await readEnvironments(rows);
  const parameters = await readParameters(rows);
  const files = await readFiles(rows);
  const report: Report = {
    madeAt: Date.now(),
    summary,
    graph: await readGraph(record.store, rows.run),
    tasks: readTasks(rows),
    timeline: readTimeline(rows),
    resources: readResources(rows),
    extremes: await readExtremes(rows),
    failures: await readFailures(rows),
    parameters,
    files,
    cost: readCost(rows, prices),
    code,
    environments,
    software,
    methods: methodsOf({ summary, code, environments, software, parameters, files }),
  };
  await checkThere(record, run);
  return redact(report);
}

/**
 * A run that is deleted while it is read leaves a report with holes, which nobody must take for the run.
 *
 * @throws LigaseError `LIGASE_E_RUN_GONE`
 */
export async function checkThere({ store }: ProjectRecord, { id }: RunRow): Promise<void> {
  if (await store.getRun(id)) return;
  throw new LigaseError("LIGASE_E_RUN_GONE", `run ${short(id)} was deleted while its report was made`, {
    facts: { run: id },
    mend: "ligase log lists the runs that are there",
  });
}
