import { dirname, join, resolve } from "node:path";
import { schemaParameters, validateInput } from "../../code/parameters/index.ts";
import type { Program } from "../../code/types.ts";
import { noSuchTask } from "../../engine/calls.ts";
import type { Parameter } from "../../expr/definition.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { Dir, File } from "../../files/index.ts";
import type { LigaseError } from "../../kernel/index.ts";
import { findProject } from "../../project/index.ts";
import { helpText as taskHelp, readFlags, splitFlags } from "../flags/index.ts";
import { chooseTask } from "../run/choose-task.ts";
import { executeRun } from "../run/execute.ts";
import { loadWorkflow } from "../run/load-workflow.ts";
import { runView } from "../run/view.ts";
import { usageError } from "../usage-error.ts";
import { type Command, HELP, type HelpSpec, helpText } from "./command.ts";
import { type OptionSpecs, ownFlags, readCommandLine, readTags } from "./options.ts";

const OPTIONS = {
  json: { type: "boolean", doc: "print the result as one line of JSON" },
  "fail-fast": { type: "boolean", doc: "stop everything at the first failure" },
  "no-cache": { type: "boolean", doc: "run every body again; results are recorded all the same" },
  force: { type: "list", value: "<task>", doc: "run the bodies of this task again; may be repeated" },
  "keep-work": { type: "boolean", doc: "keep the work directories of jobs that succeed" },
  cpus: { type: "number", value: "<n>", doc: "processors for local jobs in all" },
  memory: { type: "text", value: "<size>", doc: 'memory for local jobs in all, such as "16 GiB"' },
  retries: { type: "number", value: "<n>", doc: "how often a failed job is tried again where its task does not say" },
  tag: { type: "list", value: "<key=value>", doc: "words to find the run by; may be repeated" },
  store: { type: "text", value: "<folder>", doc: "where the record and the outputs lie (.ligase)" },
  quiet: { type: "boolean", doc: "print the result and failures only" },
  help: { ...HELP, doc: "explain this command, or the flags of the task" },
} as const satisfies OptionSpecs;

/** Flags that a parameter of such a name does not get: `--debug` is everywhere. */
const RESERVED = [...Object.keys(OPTIONS), "debug"];

const HELP_SPEC: HelpSpec = {
  usage: "run <file> [task] [flags of the task]",
  about: [
    "Runs a task of a workflow file (main by default) and prints its result. What ran before with the same code and inputs is taken from the cache.",
    "The task's parameters are flags: ligase run <file> <task> --help lists them. Behind -- every word belongs to the task.",
    "The result goes to stdout, everything else to stderr. The exit status is 0 when the run is done, 1 when it failed, 2 for a command line that cannot be read, 130 when it was stopped. Ctrl+C stops a run and records what has finished; a second one stops at once.",
  ],
  examples: [
    "ligase run workflow.ts main --samples samples.csv",
    "ligase run workflow.ts align --params align.yaml --json",
    "ligase run workflow.ts --force align",
  ],
  options: OPTIONS,
};

/** `ligase run` */
export const run: Command = {
  help: HELP_SPEC,

  async run(argv, terminal) {
    const { own, rest } = splitFlags(argv, ownFlags(OPTIONS));
    const { options } = readCommandLine("run", OPTIONS, own);
    const [file, ...words] = rest;
    if (file === undefined) {
      terminal.out(helpText(HELP_SPEC, terminal.proseWidth));
      return options.help ? 0 : 2;
    }
    const tags = readTags(options.tag);
    const root = findProject(dirname(resolve(file)));
    const storeDir = options.store === undefined ? undefined : resolve(options.store);
    const view = runView(terminal, options.quiet);
    try {
      const program = await loadWorkflow(file, root, join(storeDir ?? join(root, ".ligase"), "code"));
      const { task, flags } = chooseTask(program, file, words);
      const parameters = parametersOf(task);
      const command = `ligase run ${file} ${task.name}`;
      if (options.help) {
        const doc = task.definition?.doc ?? "";
        terminal.out(
          taskHelp(task.name, doc, parameters, terminal.proseWidth, { command, reserved: RESERVED }).trimEnd(),
        );
        return 0;
      }
      const args = await readArguments(task, parameters, flags, command);
      for (const name of options.force) {
        if (!program.tasks.has(name)) throw noTask(name, program);
      }
      for (const { file: at, line, message } of program.diagnostics) view.warn(`${at}:${line}: ${message}`);
      return await executeRun(
        {
          root,
          program,
          task,
          args,
          argv: ["ligase", "run", ...argv],
          tags,
          json: options.json,
          config: {
            ...(storeDir !== undefined && { store: storeDir }),
            ...(options.cpus !== undefined && { cpus: options.cpus }),
            ...(options.memory !== undefined && { memory: options.memory }),
            ...(options.retries !== undefined && { retries: options.retries }),
            ...(options["keep-work"] && { keepWork: true }),
          },
          settings: {
            noCache: options["no-cache"],
            force: new Set(options.force),
            failFast: options["fail-fast"],
          },
        },
        view,
        terminal,
      );
    } finally {
      view.close();
    }
  },
};

function noTask(name: string, program: Program): LigaseError {
  const { code, message, mend, facts } = noSuchTask(name, program.tasks.keys());
  return usageError(code, `--force: ${message}`, mend, facts);
}

/** The parameters of a task: from its schema where it has one, otherwise from its source. */
function parametersOf(task: TaskImpl): readonly Parameter[] {
  const source = task.definition?.parameters ?? [];
  return task.options.input ? schemaParameters(task.options.input, source) : source;
}

async function readArguments(
  task: TaskImpl,
  parameters: readonly Parameter[],
  flags: readonly string[],
  command: string,
): Promise<readonly unknown[]> {
  const { args } = readFlags(task.name, parameters, flags, {
    cwd: process.cwd(),
    makeFile: (path) => new File(path),
    makeDir: (path) => new Dir(path),
    reserved: RESERVED,
    command,
  });
  if (!task.options.input) return args;
  return validateInput(
    task.options.input,
    args,
    parameters.map((parameter) => (parameter.spread ? "" : parameter.name)),
  );
}
