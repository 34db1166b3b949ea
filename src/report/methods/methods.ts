import type { Code } from "../code.ts";
import type { Environments } from "../environments.ts";
import type { Files } from "../files.ts";
import type { ReportedParameter } from "../parameters.ts";
import type { Software } from "../software.ts";
import type { Summary } from "../summary.ts";
import { citationOf, isNamed } from "./citations.ts";

/** A paragraph for a paper, as plain text. Nothing in it but what is recorded. */
export interface Methods {
  readonly text: string;
  /** What the text cites, in the order of its authors. */
  readonly references: readonly string[];
  /** Why the paragraph must not be used as it is; `null` where it may. */
  readonly caution: string | null;
}

/** What a methods paragraph is made of. */
export interface MethodsFacts {
  readonly summary: Summary;
  readonly code: Code;
  readonly environments: Environments;
  readonly software: Software;
  readonly parameters: readonly ReportedParameter[];
  readonly files: Files;
}

/** Longer values are named in the report, not in a paper. */
const LONGEST_VALUE = 80;

/** Writes the paragraph. */
export function methodsOf(facts: MethodsFacts): Methods {
  const { summary, software } = facts;
  const tools = software.tools.filter((tool) => isNamed(tool.name));
  const cited = tools.flatMap((tool) => citationOf(tool.name) ?? []);
  const sentences = [
    workflowSentence(facts),
    environmentsSentence(facts.environments),
    toolsSentence(tools),
    parametersSentence(facts.parameters),
    jobsSentence(summary),
    filesSentence(facts.files, summary),
  ];
  return {
    text: sentences.filter((sentence) => sentence !== "").join(" "),
    references: [
      ...new Set(cited.map(({ reference }) => reference)),
      `Ligase, version ${summary.ligaseVersion}. Computer software.`,
    ].toSorted((a, b) => a.localeCompare(b, "en")),
    caution: cautionOf(summary),
  };
}

function workflowSentence({ summary, code }: MethodsFacts): string {
  const { task, ligaseVersion, nodeVersion, startedAt } = summary;
  const file = code.entry === null ? "" : ` of ${code.entry}`;
  const version =
    code.gitCommit === null
      ? code.program === null
        ? ""
        : ` (code snapshot ${code.program.slice(0, 12)})`
      : ` (commit ${code.gitCommit.slice(0, 12)}${code.gitDirty ? ", with local changes" : ""})`;
  const date = new Date(startedAt).toISOString().slice(0, 10);
  return `The data were processed with the workflow ${task}${file}${version}, run with Ligase ${ligaseVersion} on Node.js ${nodeVersion} on ${date}.`;
}

/** Of the tools of a machine the versions are told, and nothing of what they stood for. */
function environmentsSentence({ used }: Environments): string {
  const built = used.filter(({ digest }) => digest !== "");
  if (built.length === 0) return "";
  const told = built.map(({ title, digest, reference, tasks }) => {
    const named = title.length <= LONGEST_VALUE ? title : (reference ?? `${title.slice(0, LONGEST_VALUE)}…`);
    return `${listed(tasks)} in ${named} (${digest.replace(/^(sha256:)?([0-9a-f]{12}).*$/, "$1$2")})`;
  });
  return `Software environments: ${told.join("; ")}.`;
}

function toolsSentence(tools: Software["tools"]): string {
  if (tools.length === 0) return "";
  const named = tools.map(({ name, versions }) => {
    const citation = citationOf(name);
    const mark = citation === undefined ? "" : ` (${citation.mark})`;
    return `${citation?.tool ?? name} ${versions.join(" and ")}${mark}`;
  });
  return `Tools: ${listed(named)}.`;
}

function parametersSentence(parameters: readonly ReportedParameter[]): string {
  const told = parameters.filter(
    ({ value }) => value !== "" && value !== "…" && value.length <= LONGEST_VALUE && !value.includes("\n"),
  );
  if (told.length === 0) return "";
  const texts = told.map(({ name, value, isDefault }) => `${name} = ${value}${isDefault ? " (default)" : ""}`);
  const rest = parameters.length - told.length;
  return `Parameters: ${texts.join("; ")}${rest > 0 ? `; ${rest} more in the report` : ""}.`;
}

function jobsSentence({ jobs }: Summary): string {
  const ran = jobs.done;
  const cached = jobs.cached;
  if (ran + cached === 0) return "";
  if (cached === 0) return `${count(ran, "job")} ran.`;
  const from = `${count(cached, "result")} ${cached === 1 ? "was" : "were"} taken from earlier runs of the same code on the same inputs`;
  return ran === 0 ? `${capital(from)}.` : `${count(ran, "job")} ran, and ${from}.`;
}

function filesSentence({ inputs, outputs }: Files, { id }: Summary): string {
  if (inputs.count + outputs.count === 0) return "";
  const both = [count(inputs.count, "input file"), count(outputs.count, "output file")].join(" and ");
  return `The SHA-256 checksums of ${both} are in the report of run ${id}.`;
}

function cautionOf({ state, mode, jobs }: Summary): string | null {
  if (mode === "stub") return "This was a stub run: stubs took the place of the tasks, and its results mean nothing.";
  if (mode === "sample") return "This was a sample run: it took only the first items of every list.";
  if (state !== "done")
    return `This run is not complete: it ${state === "running" ? "still goes on" : state === "failed" ? "failed" : `was ${state}`}.`;
  if (jobs.failed > 0)
    return `${count(jobs.failed, "job")} failed, and the workflow went on without ${jobs.failed === 1 ? "it" : "them"}.`;
  return null;
}

const count = (n: number, what: string): string => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}
