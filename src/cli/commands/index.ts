import { LigaseError, nearest } from "../../kernel/index.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** One command of the command line. */
export interface Command {
  /** @returns the exit status */
  run(argv: readonly string[], terminal: Terminal): Promise<number>;
  /** What `--help` prints, and the reference in the documentation is made of. */
  help(width: number): Promise<string>;
}

/** The commands with a line each; their modules are loaded when they are called. */
export const COMMANDS = {
  init: { summary: "start a project that runs", load: async () => (await import("./init.ts")).init },
  run: { summary: "run a task of a workflow file", load: async () => (await import("./run.ts")).run },
  log: { summary: "list runs; show one run as a tree, or one job in full", load: async () => (await import("./log.ts")).log },
  logs: { summary: "print what jobs wrote; follow them with -f", load: async () => (await import("./logs.ts")).logs },
  why: { summary: "explain why a job ran, was cached, or failed", load: async () => (await import("./why.ts")).why },
  tasks: { summary: "list the tasks of a workflow file", load: async () => (await import("./tasks.ts")).tasks },
  show: { summary: "print a value, a run, a job or a task", load: async () => (await import("./show.ts")).show },
  cancel: { summary: "stop a run", load: async () => (await import("./cancel.ts")).cancel },
} as const satisfies Record<string, { summary: string; load: () => Promise<Command> }>;

/** Loads a command by its name. */
export async function findCommand(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name as keyof typeof COMMANDS].load();
  const near = nearest(name, Object.keys(COMMANDS));
  throw new LigaseError("LIGASE_E_COMMAND", `there is no command ${name}`, {
    facts: { exitCode: 2, command: name },
    mend: near ? `did you mean ligase ${near}?` : "ligase --help lists the commands",
  });
}

/** What `ligase --help` prints. */
export async function overview(): Promise<string> {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    "Ligase runs typed workflows, and never repeats work whose code and inputs did not change.",
    "",
    "  ligase run workflow.ts main --samples samples.csv",
    "",
    "Commands",
    ...lines,
    "",
    "  ligase <command> --help explains a command; --version prints the version; --debug shows stack traces",
  ].join("\n");
}
