/**
 * The command line: commands, and everything that is written to a terminal. One file a command in
 * `commands/`, all output through `terminal/`. It must not know SQL, nor how anything is run.
 *
 * @module
 */
import { LigaseError } from "../kernel/index.ts";
import { findCommand, overview } from "./commands/index.ts";
import { printError } from "./terminal/error.ts";
import { createTerminal } from "./terminal/terminal.ts";

/**
 * Runs one command line.
 *
 * @param argv - the words after `ligase`
 * @returns the exit status: 0, 1 for what failed, 2 for a command line that cannot be read, 130 for Ctrl+C
 */
export async function main(argv: readonly string[]): Promise<number> {
  const debug = argv.includes("--debug");
  const words = argv.filter((word, i) => word !== "--debug" || argv.slice(0, i).includes("--"));
  const terminal = createTerminal();
  // `ligase log | head`: whoever reads has enough, which is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
  try {
    const [name, ...rest] = words;
    if (name === undefined || name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
      terminal.out(await overview());
      return name === undefined ? 2 : 0;
    }
    if (name === "--version" || name === "-V") {
      const { VERSION } = await import("../kernel/version.ts");
      terminal.out(VERSION);
      return 0;
    }
    const command = name === "help" ? await findCommand(rest[0]!) : await findCommand(name);
    return await command.run(name === "help" ? ["--help"] : rest, terminal);
  } catch (error) {
    await printError(error, terminal, debug);
    const exitCode = error instanceof LigaseError ? error.facts["exitCode"] : undefined;
    return typeof exitCode === "number" ? exitCode : 1;
  }
}
