import { dirname, join, resolve } from "node:path";
import { validateInput } from "../../code/parameters/index.ts";
import type { Program } from "../../code/types.ts";
import { noSuchTask } from "../../engine/calls.ts";
import type { Parameter } from "../../expr/definition.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { Dir, File } from "../../files/index.ts";
import { findProject } from "../../project/project.ts";
import { helpText, readFlags } from "../flags/index.ts";
import { readTags } from "../options.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import type { Supervisor } from "../watch/index.ts";
import { chooseTask } from "./choose-task.ts";
import { configOf, recordedLine } from "./config.ts";
import { executeRun } from "./execute.ts";
import { loadWorkflow } from "./load-workflow.ts";
import { logsWanted, type RunOptions } from "./options.ts";
import { parametersOf } from "./parameters.ts";
import { checkRemoteOptions, remoteContext } from "./remote-context.ts";
import { readSample } from "./sample.ts";
import { tellOfCode, tellOfError, tellOfSettings } from "./tell.ts";
import { type RunView, runView } from "./view.ts";

/** What `ligase run` was told. */
export interface RunRequest {
  /** The workflow file. */
  readonly file: string;
  /** The words behind it: a task, perhaps, and its flags. */
  readonly words: readonly string[];
  readonly options: RunOptions;
  /** Flags that are the command's own, without dashes. */
  readonly reserved: readonly string[];
  /** The whole command line. */
  readonly argv: readonly string[];
  /** Who runs it again when something changes. */
  readonly supervisor: Supervisor | undefined;
}

/**
 * Runs a task of a workflow file, or explains its flags.
 *
 * @returns the exit status
 */
export async function runFile(request: RunRequest, terminal: Terminal): Promise<number> {
  const view = runView(terminal, request.options.quiet);
  try {
    return await runIn(view, request, terminal);
  } catch (error) {
    const { supervisor, file, words } = request;
    if (supervisor) tellOfError(supervisor, findProject(dirname(resolve(file))), words, error);
    throw error;
  } finally {
    view.close();
    request.supervisor?.close();
  }
}

async function runIn(view: RunView, request: RunRequest, terminal: Terminal): Promise<number> {
  const { file, words, options, reserved, argv, supervisor } = request;
  if (options.jsonl && !options["dry-run"]) {
    throw usageError("LIGASE_E_FLAG", "--jsonl goes with --dry-run", "the result of a run is one line with --json");
  }
  const context = await remoteContext(options);
  if (context) checkRemoteOptions(options, context.name);
  else if (options.detach) throw usageError("LIGASE_E_FLAG", "--detach goes with --context", "name a server");
  const tags = readTags(options.tag);
  const root = findProject(dirname(resolve(file)));
  const storeDir = options.store === undefined ? undefined : resolve(options.store);
  if (supervisor) tellOfSettings(supervisor, root, words);
  const program = await loadWorkflow(file, root, join(storeDir ?? join(root, ".ligase"), "code"));
  if (supervisor) tellOfCode(supervisor, program);
  const { task, flags } = chooseTask(program, file, words);
  const parameters = parametersOf(task);
  const command = `ligase run ${file} ${task.name}`;
  if (options.help) {
    const doc = task.definition?.doc ?? "";
    terminal.out(helpText(task.name, doc, parameters, terminal.proseWidth, { command, reserved }).trimEnd());
    return 0;
  }
  const sample = readSample(options.sample, parameters);
  const { args: given } = readFlags(task.name, parameters, [...sample.words, ...flags], {
    cwd: process.cwd(),
    makeFile: (path) => new File(path),
    makeDir: (path) => new Dir(path),
    reserved,
    command,
  });
  const args = await validated(task, parameters, given);
  assertTasks(program, options.force);
  for (const { file: at, line, message } of program.diagnostics) view.warn(`${at}:${line}: ${message}`);
  const config = configOf(options, storeDir);
  const settings = {
    noCache: options["no-cache"],
    force: new Set(options.force),
    failFast: options["fail-fast"],
    sample: sample.size,
    stub: options.stub,
  };
  const { json, profile } = options;
  const recorded = recordedLine(argv, options);
  const logs = logsWanted(options);
  const run = { root, program, task, args, argv: recorded, tags };
  const execution = { ...run, json, logs, config, profile, settings, supervisor };
  if (context) {
    const { runRemotely } = await import("./remote-run.ts");
    return runRemotely(execution, options, context, view, terminal);
  }
  if (options["dry-run"]) {
    supervisor?.started(() => process.exit(130));
    const { dryRun } = await import("./dry-run.ts");
    return dryRun(execution, options, view, terminal);
  }
  return executeRun(execution, view, terminal);
}

function validated(
  { options }: TaskImpl,
  parameters: readonly Parameter[],
  args: readonly unknown[],
): readonly unknown[] | Promise<readonly unknown[]> {
  const names = parameters.map((parameter) => (parameter.spread ? "" : parameter.name));
  return options.input ? validateInput(options.input, args, names) : args;
}

/** Refuses `--force` with the name of no task. */
function assertTasks(program: Program, names: readonly string[]): void {
  for (const name of names) {
    if (program.tasks.has(name)) continue;
    const { code, message, mend, facts } = noSuchTask(name, program.tasks.keys());
    throw usageError(code, `--force: ${message}`, mend, facts);
  }
}
