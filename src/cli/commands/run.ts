import { dirname, join, resolve } from "node:path";
import { loadProgram } from "../../code/index.ts";
import type { Program } from "../../code/types.ts";
import { schemaParameters, validateInput } from "../../code/parameters/index.ts";
import { noSuchTask, type Run } from "../../engine/index.ts";
import type { Parameter } from "../../expr/definition.ts";
import { callable, type TaskImpl } from "../../expr/index.ts";
import { Dir, File } from "../../files/index.ts";
import { LigaseError, type Log } from "../../kernel/index.ts";
import { findProject, gitState, openEngine, openProject } from "../../project/index.ts";
import { helpText, readFlags, splitFlags } from "../flags/index.ts";
import { failureCard } from "../terminal/failure-card.ts";
import { showProgress } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { asJson, asText } from "../terminal/value.ts";
import type { Command } from "./index.ts";
import { commandHelp, ownFlags, type OptionSpec, readOptions } from "./options.ts";

const OPTIONS = {
  json: { type: "boolean", doc: "print the result as one line of JSON" },
  "fail-fast": { type: "boolean", doc: "stop everything at the first failure" },
  "no-cache": { type: "boolean", doc: "run every body again; results are recorded all the same" },
  force: { type: "list", value: "<task>", doc: "run the bodies of this task again; may be repeated" },
  "keep-work": { type: "boolean", doc: "keep the work directories of jobs that succeed" },
  cpus: { type: "value", value: "<n>", doc: "processors for local jobs in all" },
  memory: { type: "value", value: "<size>", doc: 'memory for local jobs in all, such as "16 GiB"' },
  retries: { type: "value", value: "<n>", doc: "how often a failed job is tried again where its task does not say" },
  tag: { type: "list", value: "<key=value>", doc: "words to find the run by; may be repeated" },
  store: { type: "value", value: "<folder>", doc: "where the record and the outputs lie (.ligase)" },
  quiet: { type: "boolean", doc: "print the result and failures only" },
  help: { type: "boolean", short: "h", doc: "explain this command, or the flags of the task" },
} as const satisfies Record<string, OptionSpec>;

const HELP = {
  usage: "ligase run <file> [task] [flags of the task]",
  about: [
    "Runs a task of a workflow file (main by default) and prints its result. What ran before with the same code and",
    "inputs is taken from the cache. The task's parameters are flags: ligase run <file> <task> --help lists them.",
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
  help: (width) => Promise.resolve(commandHelp(HELP, width)),

  async run(argv, terminal) {
    const { own, rest } = splitFlags(argv, ownFlags(OPTIONS));
    const options = readOptions("run", OPTIONS, own);
    const [file, ...words] = rest;
    if (file === undefined) {
      terminal.out(await this.help(terminal.width));
      return options.help ? 0 : 2;
    }
    const root = findProject(dirname(resolve(file)));
    const storeDir = options.store === undefined ? undefined : resolve(options.store);
    const program = await loadProgram(file, { root, cacheDir: join(storeDir ?? join(root, ".ligase"), "code") });
    const { task, flags } = chooseTask(program, file, words);
    const parameters = parametersOf(task);
    const command = `ligase run ${file} ${task.name}`;
    const reserved = Object.keys(OPTIONS);
    if (options.help) {
      const doc = task.definition?.doc ?? "";
      terminal.out(helpText(task.name, doc, parameters, terminal.width, { command, reserved }));
      return 0;
    }
    const { args } = readFlags(task.name, parameters, flags, {
      cwd: process.cwd(),
      makeFile: (path) => new File(path),
      makeDir: (path) => new Dir(path),
      reserved,
      command,
    });
    const names = parameters.map((parameter) => (parameter.spread ? "" : parameter.name));
    // The engine validates again, and takes what the schema makes of them; here it is a question of the exit status.
    if (task.options.input) await validateInput(task.options.input, args, names);
    for (const each of program.diagnostics) {
      terminal.note(`${terminal.style("warn", "warning")} ${each.file}:${each.line}: ${each.message}`);
    }
    return execute(program, root, task, args, options, argv, terminal);
  },
};

type Options = ReturnType<typeof readOptions<typeof OPTIONS>>;

async function execute(
  program: Program,
  root: string,
  task: TaskImpl,
  args: readonly unknown[],
  options: Options,
  argv: readonly string[],
  terminal: Terminal,
): Promise<number> {
  for (const name of options.force) if (!program.tasks.has(name)) throw noSuchTask(name, program.tasks.keys());
  const project = await openProject(root, {
    ...(options.store !== undefined && { store: resolve(options.store) }),
    ...(options.cpus !== undefined && { cpus: Number(options.cpus) }),
    ...(options.memory !== undefined && { memory: options.memory }),
    ...(options.retries !== undefined && { retries: Number(options.retries) }),
  });
  const log: Log = {
    debug() {},
    info: (message) => {
      if (!options.quiet) print(terminal.style("dim", message));
    },
    warn: (message) => print(`${terminal.style("warn", "warning")} ${message}`),
  };
  let view: ReturnType<typeof showProgress> | undefined;
  const print = (text: string): void => (view ? view.print(text) : terminal.note(text));
  const git = gitState(root);
  const engine = await openEngine(project, program, {
    log,
    onWait: (other) => print(`waiting for another run on this store (process ${other.pid}) to say what it is at`),
  });
  try {
    const started = engine.engine.start(
      callable(task)(...args),
      { task: task.name, argv: ["ligase", "run", ...argv], tags: tagsOf(options.tag), args, git },
      {
        noCache: options["no-cache"],
        force: new Set(options.force),
        failFast: options["fail-fast"],
        keepWork: options["keep-work"] || project.settings.keepWork,
        retries: project.settings.retries,
        hostImages: project.settings.containerEngine === "host",
      },
    );
    if (!options.quiet) view = showProgress(started.progress, terminal);
    const stopListening = cancelOnSignal(started, print);
    let failed: { error: unknown } | undefined;
    let value: unknown;
    try {
      value = await started.result;
    } catch (error) {
      failed = { error };
    }
    stopListening();
    view?.stop();
    view = undefined;
    if (failed) return await reportFailure(started, failed.error, engine.codec, terminal);
    const text = options.json ? asJson(value) : asText(value);
    if (text !== undefined) terminal.out(text);
    return 0;
  } finally {
    view?.stop();
    await engine.close();
    await project.close();
  }
}

/** The task people asked for by name, or `main`, or the only one there is. */
function chooseTask(program: Program, file: string, words: readonly string[]): { task: TaskImpl; flags: readonly string[] } {
  const exported = [...program.tasks.values()].filter((task) => task.definition?.exported && !task.lifted);
  const names = exported.map((task) => task.name);
  if (exported.length === 0) {
    throw new LigaseError("LIGASE_E_NO_TASK", `${file} exports no task`, {
      facts: { exitCode: 2, file },
      mend: "export one: export const main = task(() => …)",
    });
  }
  const [word] = words;
  if (word !== undefined && !word.startsWith("-")) {
    const asked = exported.find((task) => task.name === word) ?? program.tasks.get(word);
    if (asked) return { task: asked, flags: words.slice(1) };
    const error = noSuchTask(word, names);
    throw new LigaseError(error.code, `${error.message} in ${file}`, {
      facts: { ...error.facts, exitCode: 2 },
      ...(error.mend !== undefined && { mend: error.mend }),
    });
  }
  const task = exported.find((each) => each.name === "main") ?? (exported.length === 1 ? exported[0] : undefined);
  if (task) return { task, flags: words };
  throw new LigaseError("LIGASE_E_NO_TASK", `${file} exports several tasks and none is called main`, {
    facts: { exitCode: 2, known: names },
    mend: `name one: ligase run ${file} ${names[0]}; there are ${names.join(", ")}`,
  });
}

/** The parameters of a task: from its schema where it has one, otherwise from its source. */
export function parametersOf(task: TaskImpl): readonly Parameter[] {
  const source = task.definition?.parameters ?? [];
  return task.options.input ? schemaParameters(task.options.input, source) : source;
}

function tagsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)] as const;
      throw new LigaseError("LIGASE_E_FLAG", `--tag ${word} has no value`, {
        facts: { exitCode: 2 },
        mend: "write --tag key=value",
      });
    }),
  );
}

/** The first Ctrl+C ends the run cleanly, a second one at once. */
function cancelOnSignal(run: Run, print: (text: string) => void): () => void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(130);
    asked = true;
    if (signal === "SIGINT") print("stopping: what runs is ended, what has finished is recorded (Ctrl+C again stops at once)");
    run.cancel();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

async function reportFailure(
  run: Run,
  error: unknown,
  codec: { decode(text: string): unknown },
  terminal: Terminal,
): Promise<number> {
  if (error instanceof LigaseError && error.code === "LIGASE_E_CANCELLED") {
    terminal.note(`cancelled; run it again to go on from what has finished (ligase log ${run.id.slice(0, 8)})`);
    return 130;
  }
  if (run.failures.length === 0) throw error;
  const shown = run.failures.slice(0, 5);
  const args = await run.store.findValues(shown.map((job) => job.argsHash));
  for (const job of shown) {
    const text = args.get(job.argsHash);
    const names = job.task.definition?.parameters.map((parameter) => parameter.name) ?? [];
    const values = job.task.name !== "script" && text !== undefined ? (codec.decode(text) as unknown[]) : [];
    const named = values.map((value, i) => `${names[i] ?? i + 1}: ${asJson(value)}`).join(", ");
    terminal.note("");
    terminal.note(await failureCard({ job, error: job.cell.error ?? error, args: named }, terminal));
  }
  if (run.failures.length > shown.length) {
    terminal.note(`\n… and ${run.failures.length - shown.length} other failures: ligase log ${run.id.slice(0, 8)}`);
  }
  return 1;
}
