import { formatBytes } from "../../kernel/index.ts";
import { short } from "../short.ts";
import type { Evidence, Found, InputFile } from "./types.ts";

/** The first group of a rule's pattern that took part. */
export const first = ({ groups }: Found): string => groups.find((group) => group !== "") ?? "";

/** The last part of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** An input with its argument, and the job that made it. */
export function describe({ at, name, madeBy }: InputFile): string {
  const maker = madeBy === undefined ? "" : `, made by ${madeBy.task} (${short(madeBy.job)}),`;
  return `${name}${at === "" ? "" : ` (argument ${at})`}${maker}`;
}

/** The input that a message names, as people know it. */
export function inputIn({ evidence }: Found, path: string): string {
  const input = evidence.inputs.find(({ name }) => name === nameOf(path));
  return input ? describe(input) : path === "" ? "an input" : nameOf(path);
}

/** The input that the message about a damaged one is about. */
export function damagedIn(found: Found): string {
  const { lines, inputs } = found.evidence;
  const named = inputs.filter(({ name }) => lines.some((line) => line.includes(name)));
  if (named.length > 0) return describe(named[0]!);
  const quoted = lines.join("\n").match(/["'‘](\S+\.(?:bam|cram|gz|bgz|bcf))["'’]|gzip: (\S+): /);
  return nameOf(quoted?.[1] ?? quoted?.[2] ?? "") || "an input";
}

/** The tools that the job called, as far as their versions are known. */
export function versionText({ evidence }: Found): string {
  const tools = Object.entries(evidence.attempt?.tools ?? {}).map((tool) => tool.join(" "));
  return tools.length > 0 ? ` (${tools.join(", ")})` : "";
}

/** The inputs in which nothing stands. */
export const emptyInputs = ({ inputs }: Evidence): readonly InputFile[] => inputs.filter(({ empty }) => empty);

/** How much memory was asked for, and used. */
export function memoryText({ attempt }: Evidence): string {
  const asked = attempt?.memory ? `it asked for ${formatBytes(attempt.memory)}` : "it asked for no amount";
  return attempt?.peakMemory ? `${asked} and had reached ${formatBytes(attempt.peakMemory)}` : asked;
}

/** What to do about too little of it. */
export function moreMemory({ evidence }: Found): string {
  const { error } = evidence;
  if (error.code === "LIGASE_E_OUT_OF_MEMORY" && error.mend !== undefined) return error.mend;
  return evidence.attempt?.memory
    ? `ask for more than ${formatBytes(evidence.attempt.memory)} with the option memory`
    : 'say how much it needs: memory: "8 GiB"';
}
