/**
 * The command line. Its folders, each standing on those before it:
 *
 * - `terminal/` writes to a screen, and knows nothing of Ligase but the words for states;
 * - `flags/` turns a task's parameters into flags;
 * - `reports/` makes lines of what the record tells (`src/record`);
 * - `run/` runs a task and shows how it goes on, `scaffold/` has the files of a new project;
 * - `shell/` starts shells where a job was;
 * - `python-session/` serves a Python program that makes calls;
 * - `completion/` answers a shell when people press Tab;
 * - `commands/` has one file a command, loaded when it is called: `ligase --help` takes twice the time
 *   of `node -e 0`, `ligase log` three times.
 *
 * It must not know SQL, nor how anything is run.
 *
 * @module
 */
import { LigaseError, VERSION } from "../kernel/index.ts";
import { findCommand, overview } from "./commands/index.ts";
import { printError } from "./terminal/error.ts";
import { createTerminal, type Terminal } from "./terminal/terminal.ts";

/**
 * Runs one command line.
 *
 * @param argv - the words after `ligase`
 * @returns the exit status: 0, 1 for what failed, 2 for a command line that cannot be read, 130 for a run that was stopped
 */
export async function main(argv: readonly string[]): Promise<number> {
  // Behind `--` every word belongs to the task.
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const words = argv.filter((word, i) => word !== "--debug" || i > end);
  const terminal = createTerminal();
  endWithReader();
  endWithThrown(terminal, words.length < argv.length);
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    await printError(error, terminal, words.length < argv.length);
    const exitCode = error instanceof LigaseError ? error.facts["exitCode"] : undefined;
    return exitCode === 2 ? 2 : 1;
  }
}

async function dispatch([name, ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  switch (name) {
    case undefined:
    case "--help":
    case "-h":
      terminal.out(overview(terminal.proseWidth));
      return name === undefined ? 2 : 0;
    case "help":
      return rest.length === 0
        ? dispatch(["--help"], terminal)
        : (await findCommand(rest[0]!)).run(["--help"], terminal);
    case "--version":
    case "-V":
      terminal.out(VERSION);
      return 0;
    case "python-session":
      // Started by the Python package, never by people: `python app.py`.
      return (await import("./python-session/index.ts")).pythonSession(rest, terminal);
    case "__complete":
      return offer(rest, terminal);
    default:
      return (await findCommand(name)).run(rest, terminal);
  }
}

/** Answers a shell (see `completion/`). Whatever goes wrong, the line that is being written must not be disturbed. */
async function offer(words: readonly string[], terminal: Terminal): Promise<number> {
  const { complete } = await import("./completion/index.ts");
  const found = await complete(words).catch(() => []);
  for (const { word, about = "" } of found) terminal.out(about === "" ? word : `${word}\t${about}`);
  return 0;
}

/**
 * What is thrown where nothing waits for it, by a timer of the user's or a promise that they forgot, ends the process:
 * nobody knows what state it is in. It is an error like others, with the user's own lines.
 */
function endWithThrown(terminal: Terminal, debug: boolean): void {
  let first = true;
  const end = async (error: unknown): Promise<void> => {
    // Others that come while this one is printed say no more.
    if (!first) return;
    first = false;
    terminal.keepDrawn();
    try {
      await printError(error, terminal, debug);
      terminal.note(terminal.style("dim", `  ${UNAWAITED}`));
    } finally {
      process.exit(1);
    }
  };
  process.on("uncaughtException", (error: unknown) => void end(error));
}

const UNAWAITED = "nothing waits for what threw this, so it is the end; what has finished is recorded";

/**
 * `ligase log | head`: when whoever reads has enough, that is the end, and no error. Nobody reading the messages is no
 * reason to end a run.
 */
function endWithReader(): void {
  const orThrow = (end: () => void) => (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    end();
  };
  process.stdout.on(
    "error",
    orThrow(() => process.exit(0)),
  );
  process.stderr.on(
    "error",
    orThrow(() => {}),
  );
}
