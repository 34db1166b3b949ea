import type { Command } from "../commands/command.ts";
import { findCommand, listCommands } from "../commands/index.ts";
import { splitFlags } from "../flags/index.ts";
import { ownFlags, type OptionSpec, type OptionSpecs } from "../options.ts";
import type { Candidate } from "./candidate.ts";
import { FILES, recordCandidates, WORKFLOWS } from "./sources.ts";
import { readTasks, taskFlags, taskValue } from "./workflow.ts";

/**
 * What may stand at the end of a command line.
 *
 * @param line - the words behind `ligase`; the last one is being written, and may be empty
 * @example
 * ```ts
 * await complete(["run", "workflow.ts", "al"]); // [{ word: "align", about: "Align one sample …" }]
 * ```
 */
export async function complete(line: readonly string[]): Promise<readonly Candidate[]> {
  // Bash takes `--state=done` apart at the equals sign.
  const words = line.filter((word, i) => word !== "=" || i === line.length - 1);
  const typed = words.at(-1) === "=" ? "" : (words.at(-1) ?? "");
  const before = words.slice(0, -1);
  const joined = /^(--[^=]+)=(.*)$/.exec(typed);
  const found = joined
    ? (await candidates([...before, joined[1]!], joined[2]!)).map((each) => prefixed(`${joined[1]}=`, each))
    : await candidates(before, typed);
  return found.filter(({ word }) => word.startsWith(":") || word.startsWith(typed));
}

const prefixed = (prefix: string, { word, ...rest }: Candidate): Candidate => ({
  word: word.startsWith(":") ? word : prefix + word,
  ...rest,
});

async function candidates([name, ...words]: readonly string[], typed: string): Promise<readonly Candidate[]> {
  if (name === undefined) return typed.startsWith("-") ? GLOBAL : commandNames();
  if (name === "help") return words.length === 0 ? commandNames() : [];
  const command = await findCommand(name);
  if (words.includes("--")) return [];
  return name === "run" ? runCandidates(command, words, typed) : ownCandidates(command, words, typed);
}

const GLOBAL: readonly Candidate[] = [
  { word: "--help", about: "list the commands" },
  { word: "--version", about: "print the version" },
];

const commandNames = (): readonly Candidate[] =>
  listCommands().map(({ name, summary }) => ({ word: name, about: summary }));

async function ownCandidates(
  { help }: Command,
  words: readonly string[],
  typed: string,
): Promise<readonly Candidate[]> {
  const open = openOption(help.options, words);
  if (open) return recordCandidates(open.value ?? "");
  if (typed.startsWith("-")) return optionCandidates(help.options);
  const { rest } = splitFlags(words, ownFlags(help.options));
  return placeCandidates(help.usage, rest, typed);
}

/** What may stand at the next place of a usage: `diff <run> [run]`; `why [not] [run, job or task]`, where `not` is a word. */
async function placeCandidates(usage: string, words: readonly string[], typed: string): Promise<readonly Candidate[]> {
  const places = [...usage.matchAll(/\[([^\]]*)\]|<([^>]*)>/g)].map(([, may, must]) => `<${may ?? must}>`);
  const mayNegate = places[0] === "<not>";
  if (mayNegate) places.shift();
  const given = words.length - (mayNegate && words[0] === "not" ? 1 : 0);
  // Behind a place that repeats (`<run>...`) comes another like it.
  const place = places[given] ?? (usage.endsWith("...") ? places.at(-1) : undefined);
  const found = place === undefined ? [] : await recordCandidates(place, typed);
  return mayNegate && words.length === 0 ? [NOT, ...found] : found;
}

const NOT: Candidate = { word: "not", about: "of the last dry run, why not" };

async function runCandidates(
  { help }: Command,
  words: readonly string[],
  typed: string,
): Promise<readonly Candidate[]> {
  const { rest } = splitFlags(words, ownFlags(help.options));
  const [file, ...own] = rest;
  const open = openOption(help.options, words);
  if (open) {
    if (open.value === "<task>" && file !== undefined) return (await readTasks(file)).map(taskCandidate);
    return recordCandidates(open.value ?? "");
  }
  const options = optionCandidates(help.options);
  if (file === undefined) return typed.startsWith("-") ? options : [WORKFLOWS];
  const tasks = await readTasks(file);
  const named = tasks.find(({ name }) => name === own[0]);
  const task = named ?? tasks.find(({ name }) => name === "main") ?? (tasks.length === 1 ? tasks[0] : undefined);
  const reserved = Object.keys(help.options);
  const value = task && taskValue(task, reserved, words.at(-1) ?? "");
  if (value) return value;
  const flags = task ? [...taskFlags(task, reserved), ...options] : options;
  if (typed.startsWith("-")) return flags;
  return named || own.length > 0 ? [FILES] : tasks.map(taskCandidate);
}

const taskCandidate = ({ name, doc }: { name: string; doc: string }): Candidate => ({
  word: name,
  about: doc.split("\n")[0] ?? "",
});

function optionCandidates(options: OptionSpecs): readonly Candidate[] {
  return Object.entries(options).map(([name, { doc }]) => ({ word: `--${name}`, about: doc }));
}

/** The option that waits for its value: the last word. */
function openOption(options: OptionSpecs, words: readonly string[]): OptionSpec | undefined {
  const last = words.at(-1) ?? "";
  const named = Object.entries(options).find(
    ([name, { short }]) => last === `--${name}` || (short !== undefined && last === `-${short}`),
  );
  return named && named[1].type !== "boolean" ? named[1] : undefined;
}
