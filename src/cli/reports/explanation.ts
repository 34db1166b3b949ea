import type { Change, Explanation } from "../../engine/explain/index.ts";
import { short } from "../../record/short.ts";
import type { Paint } from "../terminal/terminal.ts";
import { diffReport } from "./diff.ts";

/** The changes in a few words: `argument reads1 changed`, for a summary of many jobs. */
export function reasonText({ job, changes, summary, previous }: Explanation): string {
  switch (job.reason) {
    case "forced":
      return "told to run again";
    case "uncached":
      return "never cached (cache: false)";
    case "files":
      return "a file of its result is not what it was, or is gone";
    case "trace":
      return "something it awaited has another value";
    case "subtree":
      return "a task below it changed";
  }
  if (job.state === "cached") return "cached";
  if (!previous) return "never ran before";
  const parts = [
    listed(
      "code",
      changes.filter((change) => change.part === "code").map((change) => shortCode(change.name)),
    ),
    listed("argument", [
      ...new Set(changes.filter((change) => change.part === "argument").map((change) => grouped(change.path))),
    ]),
    changes.some((change) => change.part === "image") ? "image" : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? summary : `${parts.join(", ")} changed`;
}

/** `lib/trim.ts#trimAdapters` → `trimAdapters in lib/trim.ts` */
function shortCode(name: string): string {
  const [file, declaration] = name.split("#");
  return declaration === undefined ? name.replace(/^npm:/, "package ") : `${declaration} in ${file}`;
}

/** The items of a list are one reason. */
const grouped = (path: string): string => path.replaceAll(/\[\d+\]/g, "[…]");

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, 2).join(", ");
  return `${what}${names.length > 1 && what === "argument" ? "s" : ""} ${shown}${names.length > 2 ? `, and ${names.length - 2} more` : ""}`;
}

/** Why a job did what it did: in a sentence, then what changed, then the difference of its own code. */
export function explanationLines(explanation: Explanation, paint: Paint): string[] {
  const { job, summary, changes, previous, code } = explanation;
  if (job.state === "failed" && job.reason === "hit")
    return ["  its body was taken from the cache; a call that it makes failed"];
  // A hit is a call like one before: that others were different says nothing.
  const lines = [`  ${summary}`];
  if (job.state === "cached" || job.reason === "hit") return lines;
  if (changes.length > 0 && previous) lines.push(paint("dim", `  compared with run ${short(previous.run)}:`));
  for (const change of changes) lines.push(...changeLines(change, paint));
  if (code && code.before.code !== code.after.code) {
    lines.push("", paint("dim", `  ${job.task}, ${code.after.file}:${code.after.line}`));
    lines.push(...diffReport(code.before.code, code.after.code, paint).map((line) => `  ${line}`));
  }
  return lines;
}

function changeLines(change: Change, paint: Paint): string[] {
  const head = (part: string, name: string, rest = ""): string =>
    `    ${paint("dim", part.padEnd(8))} ${paint("strong", name)}${rest}`;
  if (change.part === "code") {
    const { name, how, before, after } = change;
    const said =
      how === "version"
        ? before === undefined || after === undefined
          ? "has another version"
          : `${before} → ${after}`
        : how;
    return [head("code", name.replace(/^npm:/, "package ").replace(/^task:/, "task "), ` ${said}`)];
  }
  if (change.part === "image") {
    return [head("image", `${change.before.slice(0, 40) || "none"} → ${change.after.slice(0, 40) || "none"}`)];
  }
  return [
    head("argument", change.path === "" ? "(all)" : change.path),
    paint("bad", `      - ${change.before ?? "not given"}`),
    paint("good", `      + ${change.after ?? "not given"}`),
  ];
}
