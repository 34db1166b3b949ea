import { splitFlags } from "../flags/split.ts";
import { ownFlags, readCommandLine } from "../options.ts";
import { paramsFiles, RUN_OPTIONS } from "../run/options.ts";
import { usageError } from "../usage-error.ts";
import type { Supervisor } from "../watch/supervisor.ts";
import { type Command, type HelpSpec, helpText } from "./command.ts";

const HELP_SPEC: HelpSpec = {
  usage: "run <file> [task] [flags of the task]",
  about: [
    "Runs a task of a workflow file (main by default) and prints its result. What ran before with the same code and inputs is taken from the cache.",
    "The file may be one in Python, whose functions are under @function of the package ligase; app.py:main and app.py main say the same.",
    "The task's parameters are flags: ligase run <file> <task> --help lists them. --params <file> takes them from YAML or JSON (- is stdin). Behind -- every word belongs to the task.",
    "--dry-run says what would run, and runs nothing. --sample 2 (the first items of every map) and --stub (stubs in place of bodies) are cheap trials: no other kind of run takes their results from the cache.",
    "The result goes to stdout, everything else to stderr. The exit status is 0 when the run is done, 1 when it failed, 2 for a command line that cannot be read, 130 when it was stopped. Ctrl+C stops a run and records what has finished; a second one stops at once.",
  ],
  examples: [
    "ligase run workflow.ts main --samples samples.csv",
    "ligase run workflow.ts align --params align.yaml --json",
    "ligase run workflow.ts --force align",
    "ligase run workflow.ts --dry-run",
    "ligase run workflow.ts --sample 2",
    "ligase run app.py:main --accessions accessions.txt",
  ],
  options: RUN_OPTIONS,
};

/** `app.py:main` is `app.py main`. */
function fileAndTask([file, ...words]: readonly string[]): { file: string | undefined; words: readonly string[] } {
  const parts = file === undefined ? null : /^(.+\.(?:py|[cm]?[jt]sx?)):([\w.-]+)$/.exec(file);
  return parts ? { file: parts[1], words: [parts[2]!, ...words] } : { file, words };
}

/** `ligase run` */
export const run: Command = {
  help: HELP_SPEC,

  async run(argv, terminal) {
    const { own, rest } = splitFlags(argv, ownFlags(RUN_OPTIONS));
    const { options } = readCommandLine("run", RUN_OPTIONS, own);
    const { file, words } = fileAndTask(rest);
    if (file === undefined) {
      terminal.out(helpText(HELP_SPEC, terminal.proseWidth));
      return options.help ? 0 : 2;
    }
    let supervisor: Supervisor | undefined;
    if (options.watch && !options.help) {
      const { supervisorOf, watchRuns } = await import("../watch/index.ts");
      supervisor = supervisorOf();
      if (!supervisor) {
        if (paramsFiles(words).includes("-")) {
          throw usageError(
            "LIGASE_E_FLAG",
            "--watch reads the parameters anew for each run, and stdin only once",
            "give a file: --params params.yaml",
          );
        }
        return watchRuns(file, options.quiet, terminal);
      }
    }
    const { runFile } = await import("../run/run-file.ts");
    // A parameter of such a name does not get its flag; `--debug` is everywhere.
    const reserved = [...Object.keys(RUN_OPTIONS), "debug"];
    return runFile({ file, words, options, reserved, argv: ["ligase", "run", ...argv], supervisor }, terminal);
  },
};
