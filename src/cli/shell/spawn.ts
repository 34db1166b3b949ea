import { spawn } from "node:child_process";
import { constants } from "node:os";
import { LigaseError } from "../../kernel/index.ts";
import type { EnterCommand } from "./enclosed.ts";
import { promptedShell } from "./prompt.ts";

/** Where something is run by hand. */
export interface Place {
  readonly dir: string;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** How the environment of the job is entered, where it had one. */
  readonly enter?: EnterCommand | undefined;
}

/** Signals of the terminal are for the program that runs in it, not for Ligase. */
const FOR_THE_CHILD = ["SIGINT", "SIGQUIT"] as const;

/**
 * Runs an interactive shell of the user's, with a prompt that says what it is; without a terminal the shell reads its
 * commands from stdin.
 *
 * @returns its exit status
 * @throws LigaseError `LIGASE_E_SHELL` when it cannot be started
 */
export async function runShell(place: Place, label: string, colour: boolean): Promise<number> {
  if (place.enter) return runInside(place, label, colour, place.enter);
  const program = process.env["SHELL"] || "/bin/sh";
  if (!process.stdin.isTTY) return run(program, [], place.dir, { ...process.env, ...place.env });
  const { args, env, tidy } = promptedShell(program, label, colour);
  try {
    return await run(program, args, place.dir, { ...process.env, ...place.env, ...env });
  } finally {
    tidy();
  }
}

/** Inside of an environment there is its own shell, and nothing of the user's configuration. */
const SHELL_INSIDE = "if command -v bash >/dev/null; then exec bash --norc $1; else exec sh $1; fi";

function runInside(place: Place, label: string, colour: boolean, enter: EnterCommand): Promise<number> {
  const mark = colour ? `\x01\x1b[36m\x02(${label})\x01\x1b[0m\x02` : `(${label})`;
  const isTerminal = process.stdin.isTTY;
  const words = ["sh", "-c", SHELL_INSIDE, "sh", ...(isTerminal ? ["-i"] : [])];
  const { command, env } = enter(words, isTerminal ? { PS1: `${mark} \\W \\$ ` } : {});
  return runProgram(command, place.dir, env);
}

/**
 * Runs a program as it is, in the terminal of this process.
 *
 * @returns its exit status
 * @throws LigaseError `LIGASE_E_SHELL` when it cannot be started
 */
export function runProgram(
  [program = "", ...args]: readonly string[],
  dir: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  return run(program, args, dir, env);
}

/**
 * Runs one command: a single word with spaces in it is a line for the shell, several words are a program with its
 * arguments.
 *
 * @returns its exit status
 * @throws LigaseError `LIGASE_E_SHELL` for a program that is not there
 */
export function runCommand(place: Place, words: readonly string[]): Promise<number> {
  const [program = "", ...args] = words;
  const line = args.length === 0 && /\s/.test(program) ? ["bash", "-c", program] : words;
  if (place.enter) {
    const { command, env } = place.enter(line, {});
    return runProgram(command, place.dir, env);
  }
  return runProgram(line, place.dir, { ...process.env, ...place.env });
}

function run(program: string, args: readonly string[], dir: string, env: NodeJS.ProcessEnv): Promise<number> {
  const ignore = (): void => {};
  for (const signal of FOR_THE_CHILD) process.on(signal, ignore);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { cwd: dir, env, stdio: "inherit" });
  child.on("error", (cause) => {
    reject(
      new LigaseError("LIGASE_E_SHELL", `${program} could not be started: ${cause.message}`, {
        facts: { program },
        mend: "check the name of the program, or the variable SHELL",
        cause,
      }),
    );
  });
  child.on("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  return promise.finally(() => {
    for (const signal of FOR_THE_CHILD) process.off(signal, ignore);
  });
}
