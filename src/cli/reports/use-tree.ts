import type { CallUse, FileUse } from "../../record/lineage/index.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import type { Paint } from "../terminal/terminal.ts";
import { shorten } from "../terminal/text.ts";
import { moment } from "../terminal/when.ts";
import { type Branch, outline } from "./outline.ts";

const LONGEST_VALUE = 72;
/** So many names of files that one call left are shown, and so many files that were published. */
const MOST_NAMES = 4;
const MOST_PUBLISHED = 20;

/** Outputs lie there; what lies elsewhere was published. */
const IN_STORE = /\/outputs\/[0-9a-f]{2}\/[0-9a-f]{40}\//;

/**
 * What was made of a file, as a tree: of calls of one task the newest stands for all; and at the end the files that were
 * published, every one.
 */
export function useLines(uses: readonly CallUse[], paint: Paint): string[] {
  const published = new Set<string>();
  gather(uses, published);
  const lines = outline(useBranches(uses, undefined, paint), paint);
  if (published.size === 0) return lines;
  lines.push(paint("dim", "published"));
  const shown = [...published].toSorted().slice(0, MOST_PUBLISHED);
  lines.push(...shown.map((path) => `  ${pathFrom(path, process.cwd())}`));
  if (published.size > MOST_PUBLISHED)
    lines.push(paint("dim", `  … and ${published.size - MOST_PUBLISHED} more (--json has them all)`));
  return lines;
}

function gather(uses: readonly CallUse[], into: Set<string>): void {
  for (const { files, next } of uses) {
    for (const { path, copied, usedBy } of files) {
      if (copied && !IN_STORE.test(path)) into.add(path);
      gather(usedBy, into);
    }
    gather(next, into);
  }
}

function useBranches(uses: readonly CallUse[], above: CallUse | undefined, paint: Paint): Branch[] {
  const telling = uses.filter((use) => !handsOn(use));
  return [...Map.groupBy(telling, ({ task }) => task).values()].flatMap((same) => {
    const use = same.find((each) => !each.repeated) ?? same[0];
    if (!use) return [];
    const branch = useBranch(use, above, paint);
    if (same.length === 1) return [branch];
    return [branch, { lines: [paint("dim", `… and ${same.length - 1} more of ${use.task}`)], below: [] }];
  });
}

/** A call that only hands on what it was given left nothing of its own. */
function handsOn({ files, repeated }: CallUse): boolean {
  return !repeated && files.length > 0 && files.every(({ copied, path }) => copied && IN_STORE.test(path));
}

function useBranch(use: CallUse, above: CallUse | undefined, paint: Paint): Branch {
  const { task, job, run, startedAt, argument, files, value, next, repeated } = use;
  const when = run === above?.run ? "" : `, run ${short(run)}, ${moment(startedAt)}`;
  const into = argument === "" ? "" : paint("dim", `${argument} of `);
  const title = `${into}${paint("strong", task)}  job ${paint("accent", short(job))}${paint("dim", when)}`;
  if (repeated) return { lines: [`${title} ${paint("dim", "(told above)")}`], below: [] };
  const own = files.filter(({ copied, path }) => !copied || !IN_STORE.test(path));
  const gave = own.length > 0 ? namesText(own) : value;
  const lines = gave === undefined ? [title] : [title, `${paint("dim", "→")} ${shorten(gave, LONGEST_VALUE)}`];
  const used = own.flatMap(({ usedBy }) => usedBy);
  return { lines, below: useBranches([...used, ...next], use, paint) };
}

function namesText(files: readonly FileUse[]): string {
  const names = files.map(({ name, path }) => (IN_STORE.test(path) ? name : pathFrom(path, process.cwd())));
  return [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? ["…"] : [])].join(", ");
}
