import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CONFIG_FILES } from "../../config/index.ts";
import { IGNORE_FILE } from "../../code/sync/index.ts";
import type { TaskOptions } from "../../expr/options.ts";
import type { WrittenFile } from "../../files/index.ts";
import { LOCK_FILE } from "../../images/lock/index.ts";
import { LigaseError, VERSION } from "../../kernel/index.ts";
import { namedParameters, type ProjectRecord, short } from "../../record/index.ts";
import { environmentsOfRun } from "../../record/environments/index.ts";
import { fingerprintsOf } from "../fingerprints-of.ts";
import { plainText } from "../crate/values.ts";
import { modulesOf } from "../modules.ts";
import { RunFiles } from "../run-files.ts";
import { gatherEnded, type RunRows } from "../run-rows.ts";
import type { Sink } from "../sink.ts";
import { withFiles } from "../value-texts.ts";
import { Inputs } from "./inputs.ts";
import { addPackages } from "./add-packages.ts";
import { imageFiles } from "./image-files.ts";
import { type Needs, needsOf } from "./needs.ts";
import { needsText } from "./needs-text.ts";
import { paramsOf } from "./params.ts";
import { pythonFiles } from "./python-files.ts";
import { otherSources, type Source } from "./sources.ts";

/** What goes into a bundle. */
export interface BundleOptions {
  /** Leave the inputs to whoever runs it: only their checksums go along. */
  readonly withoutInputs?: boolean;
  /** The options of the tasks of a workflow file, by name, as it says them today: the record does not hold them. */
  readonly taskOptions?: (entry: string) => Promise<ReadonlyMap<string, TaskOptions>>;
}

/** A file with its checksum. */
interface Summed {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What `bundle.json` says. */
export interface Bundle extends Needs {
  readonly format: "ligase-bundle";
  readonly version: 1;
  readonly ligase: string;
  /** For what kind of machine the packages are: `linux-x64`. */
  readonly machine: string;
  readonly run: string;
  readonly entry: string;
  readonly task: string;
  /** Below `workflow/`. */
  readonly code: readonly Summed[];
  readonly inputs: readonly Summed[];
  /** URLs that the run reads. */
  readonly urls: readonly string[];
  /** What the run gave: files by the name that they count by. */
  readonly outputs: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  readonly result: { readonly hash: string; readonly text: string };
  /** Files of the project that the run may have read and that are not in the bundle. */
  readonly left: readonly string[];
  /** Versions of the programs of the machine that scripts called: those in environments come with these. */
  readonly tools: Readonly<Record<string, string>>;
}

/**
 * Writes a run as a folder with which anybody can run it again and see whether the same comes out: the code, the inputs,
 * the packages, and a command that compares.
 *
 * @throws LigaseError `LIGASE_E_STILL_RUNNING`; `LIGASE_E_NOT_BUNDLED` for a run that failed, that a program started, or
 * whose arguments a params file cannot say; `LIGASE_E_INPUT_GONE`; `LIGASE_E_NOT_BUILT`
 * @example
 * ```ts
 * await writeFolder("main.bundle", (sink) => bundleRun(record, run.id, {}, sink));
 * ```
 */
export async function bundleRun(
  record: ProjectRecord,
  run: string,
  { withoutInputs = false, taskOptions }: BundleOptions,
  sink: Sink,
): Promise<Bundle> {
  const { store, root, storeDir } = record;
  const rows = await gatherEnded(store, run);
  const task = checkBundled(rows);
  const fingerprints = fingerprintsOf(store);
  try {
    const files = await RunFiles.of(store, rows);
    const inputs = await Inputs.of(files, record, fingerprints, !withoutInputs);
    const texts = await store.findValues([rows.run.argsValue, rows.run.resultValue].filter((value) => value !== null));
    const args = JSON.parse(texts.get(rows.run.argsValue!) ?? "[]") as unknown[];
    const params = paramsOf(args, await namedParameters(task.code), (file) => inputs.placeOf(file));
    const modules = await sourcesOf(record, rows);
    const python = pythonFiles(root, storeDir, modules);
    const used = await environmentsOfRun(store, run, rows);
    const images = imageFiles(
      root,
      used.flatMap(({ facts }) => facts.layers),
    );
    const code = [
      ...modules,
      ...(await otherSources(root, rows, [...CONFIG_FILES, LOCK_FILE, IGNORE_FILE])),
      ...images.sources,
      ...python.sources,
      { path: "params.json", bytes: Buffer.from(`${JSON.stringify(params, undefined, 2)}\n`) },
    ];
    const packages = await addPackages(root, rows, sink);
    const all = withoutTwice([...packages, ...code], new Set(inputs.files.map(({ path }) => path)));
    for (const { path, bytes } of all) await sink.text(`workflow/${path}`, bytes);
    for (const { path, from } of inputs.files) if (from !== undefined) await sink.file(`workflow/${path}`, from);
    const result = texts.get(rows.run.resultValue ?? "") ?? "null";
    const bundle: Bundle = {
      format: "ligase-bundle",
      version: 1,
      ligase: VERSION,
      machine: `${process.platform}-${process.arch}`,
      run,
      entry: rows.program!.entry,
      task: rows.run.task,
      code: all.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: hash("sha256", bytes, "hex") })),
      inputs: inputs.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
      urls: files.urls,
      outputs: outputsIn(result),
      result: { hash: rows.run.resultValue ?? "", text: plainText(JSON.parse(result)) },
      ...needsOf(used, await optionsOf(rows, taskOptions)),
      left: [...images.left, ...python.left],
      tools: toolsOf(rows, await toolRows(record, rows)),
    };
    await sink.text("bundle.json", `${JSON.stringify(bundle, undefined, 2)}\n`);
    await sink.text("verify.mjs", readTemplate("verify.mjs"));
    await sink.text("README.md", readme(bundle, rows));
    return bundle;
  } finally {
    await fingerprints.close();
  }
}

/** Of files with one path the first: what was made for the bundle, then what was recorded, then what lies there now. */
function withoutTwice(files: readonly Source[], elsewhere: ReadonlySet<string>): readonly Source[] {
  const byPath = new Map<string, Source>();
  for (const file of files) if (!byPath.has(file.path) && !elsewhere.has(file.path)) byPath.set(file.path, file);
  return [...byPath.values()];
}

/** A run can be run again from its arguments when the command line started it, and it gave something. */
function checkBundled({ run, program, jobs, tasks }: RunRows): RunRows["tasks"][number] {
  const not = (why: string, mend: string): LigaseError =>
    new LigaseError("LIGASE_E_NOT_BUNDLED", `run ${run.id} cannot be bundled: ${why}`, {
      facts: { run: run.id },
      mend,
    });
  if (run.state !== "done") throw not(`it is ${run.state}`, "bundle a run that is done");
  if (run.mode !== "normal") throw not(`it is a trial (${run.mode})`, "run it in full first");
  const top = jobs.filter((job) => job.parent === null);
  const task = tasks.find((each) => top.length === 1 && top[0]?.task === run.task && each.hash === top[0].taskHash);
  if (!task || !program || run.argsValue === null) {
    throw not("it is not one call of a task of a workflow file", "start the task with ligase run, and bundle that run");
  }
  return task;
}

/** The modules of the program, where they stood. */
async function sourcesOf(
  { store, root }: ProjectRecord,
  rows: RunRows,
): Promise<readonly { path: string; bytes: Buffer }[]> {
  const modules = await modulesOf(store, rows);
  const recorded = new Map(modules.map((module) => [module.path, module.bytes]));
  return (rows.program?.modules ?? []).map(({ path }) => {
    const bytes = recorded.get(path) ?? onDisk(resolve(root, path));
    if (bytes && !path.startsWith("..")) return { path, bytes };
    throw new LigaseError(
      "LIGASE_E_NOT_BUNDLED",
      `run ${rows.run.id} cannot be bundled: ${path} is not in the record, or lies outside of the project`,
      {
        facts: { run: rows.run.id, path },
        mend: "keep what a workflow imports in its project, or in packages, and run it again",
      },
    );
  });
}

/** A file that is no text is recorded by its checksum alone. */
function onDisk(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

function outputsIn(result: string): Bundle["outputs"] {
  const found = new Map<string, Bundle["outputs"][number]>();
  withFiles(result, false, ({ path, hash: sha256, size: bytes = 0 }: WrittenFile) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (sha256 !== undefined) found.set(`${name} ${sha256}`, { name, bytes, sha256 });
  });
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/** What scripts called, in this run or where their results come from. */
async function toolRows({ store }: ProjectRecord, { attempts, calls }: RunRows) {
  const jobs = new Set(calls.map((call) => call.job));
  for (const { job } of attempts) jobs.delete(job);
  const others = await Promise.all([...jobs].map((job) => store.listAttempts(job)));
  return [...attempts, ...others.flat()];
}

function toolsOf(
  { calls, tasks }: RunRows,
  attempts: Awaited<ReturnType<typeof toolRows>>,
): Readonly<Record<string, string>> {
  const outside = attempts.filter(({ image }) => image === null);
  const tools = Object.assign({}, ...outside.map((attempt) => attempt.tools ?? {})) as Record<string, string>;
  // Functions in Python that ran in no environment ran by the Python of the machine.
  const python = new Set(tasks.flatMap(({ hash: version, file }) => (file.endsWith(".py") ? [version] : [])));
  const ran = new Set(outside.map(({ job }) => job));
  if (calls.some(({ job, taskHash }) => python.has(taskHash) && ran.has(job))) tools["python3"] ??= "";
  return Object.fromEntries(Object.entries(tools).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The options of the tasks that had jobs. */
async function optionsOf(
  { program, jobs }: RunRows,
  taskOptions: BundleOptions["taskOptions"],
): Promise<ReadonlyMap<string, TaskOptions>> {
  const all = program && taskOptions ? await taskOptions(program.entry) : new Map<string, TaskOptions>();
  const ran = new Set(jobs.map((job) => job.task));
  return new Map([...all].filter(([name]) => ran.has(name)));
}

/** The checkout or the installed package. */
const TEMPLATES = resolve(import.meta.dirname, "../../../templates/bundle");

function readTemplate(name: string): string {
  return readFileSync(join(TEMPLATES, name), "utf8");
}

function readme(bundle: Bundle, { run }: RunRows): string {
  const { machine, entry, task, tools, container } = bundle;
  const facts: Readonly<Record<string, string>> = {
    title: `Run ${short(run.id)} of ${run.task}`,
    run: run.id,
    command: `\`${run.argv.join(" ").replaceAll("|", "\\|")}\``,
    started: new Date(run.startedAt).toISOString(),
    by: `${run.user} on ${run.host}`,
    versions: `Ligase ${run.ligaseVersion}, Node ${run.nodeVersion}`,
    tools:
      Object.entries(tools)
        .map(([tool, version]) => `${tool} ${version}`.trim())
        .join(", ") || "none",
    machine,
    entry,
    task,
    flags: container === null ? "" : ` --container ${container}`,
    needs: needsText(bundle),
  };
  return readTemplate("README.md").replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => facts[name] ?? "");
}
