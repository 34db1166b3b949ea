import { existsSync } from "node:fs";
import { formatBytes } from "../../kernel/index.ts";
import type { CallOrigin, FileOrigin, ValueOrigin } from "../../record/lineage/index.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import type { Paint } from "../terminal/terminal.ts";
import { shorten } from "../terminal/text.ts";
import { moment } from "../terminal/when.ts";
import { type Branch, outline } from "./outline.ts";

const LONGEST_VALUE = 72;
/** So many sources are listed, and so many names of files that one call left. */
const MOST_SOURCES = 20;
const MOST_NAMES = 3;

type Input = FileOrigin | ValueOrigin;

/**
 * Where a file came from, as a tree: what one call left stands together, of the items of a list the first stands for
 * all; and at the end the sources, every one.
 */
export function originLines(call: CallOrigin, paint: Paint): string[] {
  const sources = new Map<string, FileOrigin>();
  gather(call, sources);
  const lines = [`made by ${title(call, undefined, paint)}`];
  for (const line of details(call, paint)) lines.push(`${paint("dim", call.inputs.length > 0 ? "│" : " ")}  ${line}`);
  lines.push(...outline(inputBranches(call, paint), paint));
  if (sources.size === 0) return lines;
  lines.push(paint("dim", sources.size === 1 ? "source" : "sources"));
  const shown = [...sources.values()].slice(0, MOST_SOURCES);
  lines.push(...shown.map((file) => `  ${sourceText(file)}  ${paint("dim", sizeText(file))}`));
  if (sources.size > MOST_SOURCES)
    lines.push(paint("dim", `  … and ${sources.size - MOST_SOURCES} more (--json has them all)`));
  return lines;
}

/** The files that no recorded call made. */
function gather(call: CallOrigin, into: Map<string, FileOrigin>): void {
  for (const input of call.inputs) {
    const above = "of" in input ? input.of : input.madeBy;
    if (above) gather(above, into);
    else if (!("of" in input)) into.set(input.path, input);
  }
}

function inputBranches(call: CallOrigin, paint: Paint): Branch[] {
  // What one call left, or one source, stands together.
  const groups = Map.groupBy(
    call.inputs,
    (input) => makerOf(input)?.call ?? ("of" in input ? "" : `source ${input.path}`),
  );
  // And of what is alike (the same task, in one list) the first stands for all.
  const alike = Map.groupBy(groups.values(), ([input]) => `${listOf(input)} ${input && makerOf(input)?.task}`);
  const branches = [...alike.values()].flatMap((same) => {
    const rest = same.length - 1;
    const branch = groupBranch(same[0] ?? [], call, paint);
    const [input] = same[0] ?? [];
    if (rest === 0) return [branch];
    const where = input === undefined ? "" : listOf(input);
    const maker = input && makerOf(input);
    return [
      branch,
      { lines: [paint("dim", `… and ${rest} more in ${where}${maker ? ` from ${maker.task}` : ""}`)], below: [] },
    ];
  });
  if (call.leftOut > 0)
    branches.push({ lines: [paint("dim", `… and ${call.leftOut} more: the tree is very large`)], below: [] });
  return branches;
}

const makerOf = (input: Input): CallOrigin | undefined => ("of" in input ? input.of : input.madeBy);

/** `parts[3]` → `parts[]` */
const listOf = (input: Input | undefined): string => (input?.argument ?? "").replaceAll(/\[\d+\].*/g, "[]");

/** The inputs that came from one call, with that call. */
function groupBranch(inputs: readonly Input[], above: CallOrigin, paint: Paint): Branch {
  const files = inputs.flatMap((input) => ("of" in input ? [] : [input]));
  // An index beside its file was made with it.
  const own = files.filter(({ argument }) => !argument?.includes(".sidecars["));
  const shown = own.length > 0 ? own : files;
  const first = inputs[0];
  const args = [...new Set((shown.length > 0 ? shown : inputs).map(listOf))].filter(Boolean).join(", ");
  const label = args === "" ? "" : `${paint("dim", args)}  `;
  const maker = first && makerOf(first);
  const names = shown.slice(0, MOST_NAMES).map((file) => file.name);
  if (shown.length > MOST_NAMES) names.push("…");
  const what = names.join(", ");
  if (!maker)
    return {
      lines: [`${label}${what}  ${paint("dim", `source: ${shown[0] ? sourceText(shown[0]) : ""}`)}`],
      below: [],
    };
  const from = `${label}${what === "" ? "" : `${what} `}${paint("dim", "←")} ${title(maker, above, paint)}`;
  if (maker.repeated) return { lines: [`${from} ${paint("dim", "(told above)")}`], below: [] };
  return { lines: [from, ...details(maker, paint)], below: inputBranches(maker, paint) };
}

/** A call in a line; its run only where that is another than that of the call it was made for. */
function title({ task, job, run, startedAt }: CallOrigin, above: CallOrigin | undefined, paint: Paint): string {
  const when = run === above?.run ? "" : `, run ${short(run)}, ${moment(startedAt)}`;
  return `${paint("strong", task)}  job ${paint("accent", short(job))}${paint("dim", when)}`;
}

/** Its place in the code and in the repository, and its plain arguments. */
function details({ code, git, arguments: args, repeated }: CallOrigin, paint: Paint): string[] {
  if (repeated) return [];
  const commit = git && `commit ${git.commit.slice(0, 10)}${git.dirty ? ", with changes" : ""}`;
  const place = code && `${code.file}:${code.line}, version ${code.hash.slice(0, 10)}`;
  const lines = [place, commit].filter((part) => part !== undefined);
  return [
    ...(lines.length > 0 ? [paint("dim", lines.join(", "))] : []),
    ...args.map(({ name, value }) => `${paint("dim", `${name}:`)} ${shorten(value, LONGEST_VALUE)}`),
  ];
}

function sourceText({ path }: FileOrigin): string {
  return `${pathFrom(path, process.cwd())}${existsSync(path) ? "" : " (not there any more)"}`;
}

const sizeText = ({ size }: FileOrigin): string => (size === undefined ? "" : formatBytes(size));
