import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { onHost } from "../../images/build/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { Environment, ImageEngine } from "../../images/types.ts";

/** What is run in an environment by hand. */
export interface ShellWish {
  /** In place of a shell. */
  readonly command: readonly string[];
  readonly network: boolean;
}

/** Runs a shell, or a command, in an environment: the current folder is there at the same path, and may be written to. */
export function shellIn(engine: ImageEngine, environment: Environment, wish: ShellWish): Promise<number> {
  const cwd = process.cwd();
  const interactive = process.stdin.isTTY && process.stdout.isTTY;
  const term = process.env["TERM"];
  const { command, env } = engine.enter(environment, {
    name: `shell-${process.pid}`,
    command: commandOf(engine, environment, wish.command),
    cwd,
    env: { ...(term !== undefined && { TERM: term }) },
    mounts: [{ from: cwd, at: cwd, writable: true }],
    network: wish.network,
    limits: { cpu: 0, memory: 0, processes: 0, disk: 0 },
    gpus: [],
    interactive,
  });
  return run(command, env);
}

/** A single word with spaces is a line for the shell. */
function commandOf(engine: ImageEngine, environment: Environment, words: readonly string[]): readonly string[] {
  if (words.length === 1 && /\s/.test(words[0]!)) return ["/bin/sh", "-c", words[0]!];
  if (words.length > 0) return words;
  const hasBash = engine.name !== "sandbox" || existsSync(onHost(environment.place, "/bin/bash"));
  return hasBash ? ["/bin/bash"] : ["/bin/sh"];
}

function run([program = "", ...args]: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  // Signals of the terminal are for what runs inside.
  const ignore = (): void => {};
  for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, ignore);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { env: { ...env }, stdio: "inherit" });
  child.on("error", (cause) =>
    reject(new LigaseError("LIGASE_E_SHELL", `${program} could not be started: ${cause.message}`, { cause })),
  );
  child.on("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  return promise.finally(() => {
    for (const signal of ["SIGINT", "SIGQUIT"] as const) process.off(signal, ignore);
  });
}
