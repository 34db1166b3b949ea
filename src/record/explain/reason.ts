import { short } from "../short.ts";
import { isHit, wordFor } from "./brief.ts";
import type { Explanation } from "./types.ts";

const REASONS: Readonly<Record<string, string>> = {
  forced: "told to run again",
  uncached: "never cached (cache: false)",
  files: "a file that it names or made changed, or is gone",
  trace: "something it awaited has another value",
  subtree: "a task below it changed",
};

/** Why a job ran in a few words, for a summary of many: `argument reads1 changed`. */
export function reasonText(explanation: Pick<Explanation, "job" | "changes" | "previous" | "failedBefore">): string {
  const { job, changes, previous, failedBefore } = explanation;
  const told = REASONS[job.reason];
  if (told !== undefined) return told;
  if (isHit(job)) return "cached";
  if (failedBefore) return `${wordFor(failedBefore)} in run ${short(failedBefore.run)}`;
  if (!previous) return "never ran before";
  const code = changes.filter((change) => change.part === "code").map((change) => shortCode(change.name));
  const paths = changes.filter((change) => change.part === "argument").map((change) => grouped(change.path));
  const parts = [
    listed("code", code),
    listed("argument", [...new Set(paths)]),
    changes.some((change) => change.part === "image") ? "image" : "",
    changes.some((change) => change.part === "environment") ? "environment" : "",
  ].filter((part) => part !== "");
  return `${parts.join(", ")} changed`;
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
  const plural = names.length > 1 && what === "argument" ? "s" : "";
  return `${what}${plural} ${shown}${names.length > 2 ? `, and ${names.length - 2} more` : ""}`;
}
