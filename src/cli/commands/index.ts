import { nearest } from "../../kernel/index.ts";
import { wrap } from "../terminal/text.ts";
import { usageError } from "../usage-error.ts";
import type { Command } from "./command.ts";

/** A command before it is loaded. */
interface Listed {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** The commands by what people want of them, with a line each; their modules are loaded when they are called. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Listed>>>> = {
  Work: {
    init: { summary: "start a project that runs", load: async () => (await import("./init.ts")).init },
    run: { summary: "run a task of a workflow file", load: async () => (await import("./run.ts")).run },
    rerun: {
      summary: "run one job again by hand",
      load: async () => (await import("./rerun.ts")).rerun,
    },
    cancel: { summary: "stop a run", load: async () => (await import("./cancel.ts")).cancel },
  },
  Serve: {
    deploy: {
      summary: "deploy the endpoints and web apps of a file",
      load: async () => (await import("./deploy.ts")).deploy,
    },
    dev: {
      summary: "deploy a file again whenever you save it",
      load: async () => (await import("./dev.ts")).dev,
    },
    deployment: {
      summary: "list, compare, roll back, stop and remove what is deployed",
      load: async () => (await import("./deployment.ts")).deployment,
    },
    endpoint: {
      summary: "look at endpoints, their logs, and scale them",
      load: async () => (await import("./endpoint.ts")).endpoint,
    },
    worker: {
      summary: "look at workers and their logs, enter and stop them",
      load: async () => (await import("./worker.ts")).worker,
    },
    job: {
      summary: "list, show, cancel and retry jobs of endpoints",
      load: async () => (await import("./job.ts")).job,
    },
    key: { summary: "make keys for others, and take them back", load: async () => (await import("./key.ts")).key },
    context: {
      summary: "name the servers that commands speak to",
      load: async () => (await import("./context.ts")).context,
    },
  },
  Look: {
    tasks: {
      summary: "list the tasks of a workflow file, or of what ran",
      load: async () => (await import("./tasks.ts")).tasks,
    },
    log: {
      summary: "list runs; show one run as a tree, or one job in full",
      load: async () => (await import("./log.ts")).log,
    },
    logs: { summary: "print what jobs wrote; follow them with -f", load: async () => (await import("./logs.ts")).logs },
    show: {
      summary: "print a run, a job, a task, or what an error is",
      load: async () => (await import("./show.ts")).show,
    },
    outputs: {
      summary: "list what a run handed to people, with links",
      load: async () => (await import("./outputs.ts")).outputs,
    },
    cat: { summary: "print a result, or the content of a file", load: async () => (await import("./cat.ts")).cat },
  },
  Understand: {
    why: { summary: "explain why a job ran, was cached, or failed", load: async () => (await import("./why.ts")).why },
    diff: {
      summary: "say what differs between two runs",
      load: async () => (await import("./diff.ts")).diff,
    },
    shell: {
      summary: "open a shell in the environment of a job",
      load: async () => (await import("./shell.ts")).shell,
    },
    lineage: {
      summary: "tell where a file came from, or what was made of it",
      load: async () => (await import("./lineage.ts")).lineage,
    },
    graph: {
      summary: "draw a run, or what a workflow file says, as a graph",
      load: async () => (await import("./graph.ts")).graph,
    },
    report: {
      summary: "write all about a run into one HTML file",
      load: async () => (await import("./report.ts")).report,
    },
  },
  Share: {
    serve: {
      summary: "serve outputs to browsers",
      load: async () => (await import("./serve.ts")).serve,
    },
    link: {
      summary: "print links to files that tasks left",
      load: async () => (await import("./link.ts")).link,
    },
    export: {
      summary: "write a run as an archive for a colleague",
      load: async () => (await import("./export.ts")).exportCommand,
    },
    import: {
      summary: "take a run from an archive, so that what it did is found here",
      load: async () => (await import("./import.ts")).importCommand,
    },
    bundle: {
      summary: "write a run as a folder that anybody can run and verify",
      load: async () => (await import("./bundle.ts")).bundle,
    },
  },
  Data: {
    volume: {
      summary: "make, list and remove volumes",
      load: async () => (await import("./volume.ts")).volume,
    },
    ls: { summary: "list what is in a volume", load: async () => (await import("./ls.ts")).ls },
    cp: { summary: "copy files into, out of and between volumes", load: async () => (await import("./cp.ts")).cp },
    mv: { summary: "move or rename what is in a volume", load: async () => (await import("./mv.ts")).mv },
    rm: { summary: "remove files from a volume", load: async () => (await import("./rm.ts")).rm },
    secret: { summary: "keep values that only tasks see", load: async () => (await import("./secret.ts")).secret },
  },
  "Keep house": {
    image: {
      summary: "build, look at, lock and remove environments",
      load: async () => (await import("./image.ts")).image,
    },
    du: { summary: "tell what takes space, by run and task", load: async () => (await import("./du.ts")).du },
    gc: { summary: "free what no run needs", load: async () => (await import("./gc.ts")).gc },
    pin: { summary: "keep a run whatever is freed", load: async () => (await import("./pin.ts")).pin },
    unpin: { summary: "let a pinned run be forgotten again", load: async () => (await import("./pin.ts")).unpin },
    config: {
      summary: "show the settings in force, and where they come from",
      load: async () => (await import("./config.ts")).config,
    },
    doctor: {
      summary: "show what this machine has for the project, and how to get what is missing",
      load: async () => (await import("./doctor.ts")).doctor,
    },
    completion: {
      summary: "make your shell complete commands, tasks and flags",
      load: async () => (await import("./completion.ts")).completion,
    },
  },
};

const COMMANDS: Readonly<Record<string, Listed>> = Object.fromEntries(
  Object.values(GROUPS).flatMap((group) => Object.entries(group)),
);

/** Every command with what it does, in the order of the overview. */
export function listCommands(): readonly { readonly name: string; readonly summary: string }[] {
  return Object.entries(COMMANDS).map(([name, { summary }]) => ({ name, summary }));
}

/**
 * Loads a command by its name.
 *
 * @throws LigaseError `LIGASE_E_COMMAND`, exit status 2, naming the nearest right one
 */
export async function findCommand(name: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name]!.load();
  const near = nearest(name, Object.keys(COMMANDS));
  const isFile = /\.(?:[cm]?[jt]sx?|py)(?::[\w-]+)?$/.test(name);
  const mend = isFile
    ? `ligase run ${name}`
    : near !== undefined
      ? `did you mean ligase ${near}?`
      : "ligase --help lists the commands";
  throw usageError("LIGASE_E_COMMAND", `there is no command ${name}`, mend, { command: name });
}

/**
 * What `ligase --help` prints.
 *
 * @param screen - in columns
 */
export function overview(screen: number): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(GROUPS)
    .filter(([, commands]) => Object.keys(commands).length > 0)
    .flatMap(([group, commands]) => [
      "",
      group,
      ...Object.entries(commands).flatMap(([name, { summary }]) =>
        wrap(summary, Math.max(16, screen - width - 4)).map(
          (line, i) => `  ${(i === 0 ? name : "").padEnd(width)}  ${line}`,
        ),
      ),
    ]);
  return [
    ...wrap("Ligase runs typed workflows, and never repeats work whose code and inputs did not change.", screen),
    "",
    "  ligase init && ligase run workflow.ts",
    ...lines,
    "",
    ...wrap("ligase <command> --help explains a command, ligase run <file> <task> --help a task.", screen),
    ...wrap("--version prints the version, --debug shows stack traces.", screen),
  ].join("\n");
}
