/**
 * Scripts as text: rendering with safe quoting, the files that start one, and what can be read
 * from the way it ended. Shared by whatever runs scripts, on this machine or another.
 *
 * It must not know how processes are started, or who asked.
 *
 * @module
 */
export { COMMAND_FILE, type CommandFiles, commandFiles, STDERR_FILE, STDOUT_FILE } from "./command-file.ts";
export { type Diagnosis, diagnose, type ScriptEnd, signalOf } from "./diagnose.ts";
export { filesOf, type PathOf, renderScript } from "./render.ts";
export { shellWord } from "./language.ts";
export { insideCommand, LEFT_FILE } from "./inside.ts";
export { tailOf } from "./tail.ts";
export { commandWords } from "./words.ts";
