import { spawn } from "node:child_process";
import { constants } from "node:os";
import { LigaseError } from "../../kernel/index.ts";
import { promptedShell } from "./prompt.ts";

/** Where something is run by hand. */
export interface Place {
  readonly dir: string;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
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
  const program = process.env["SHELL"] || "/bin/sh";
  if (!process.stdin.isTTY) return run(program, [], place);
  const { args, env, tidy } = promptedShell(program, label, colour);
  try {
    return await run(program, args, { dir: place.dir, env: { ...place.env, ...env } });
  } finally {
    tidy();
  }
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
  return args.length === 0 && /\s/.test(program) ? run("bash", ["-c", program], place) : run(program, args, place);
}

function run(program: string, args: readonly string[], { dir, env }: Place): Promise<number> {
  const ignore = (): void => {};
  for (const signal of FOR_THE_CHILD) process.on(signal, ignore);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { cwd: dir, env: { ...process.env, ...env }, stdio: "inherit" });
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
