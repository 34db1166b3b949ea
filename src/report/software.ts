import type { CachedTask } from "./read/origins.ts";
import type { RunRows } from "./read/rows.ts";

/** A tool that scripts called. */
export interface Tool {
  readonly name: string;
  /** As found: more than one where machines differ, or where it changed between what the cache remembers and now. */
  readonly versions: readonly string[];
  /** The tasks whose scripts called it. */
  readonly tasks: readonly string[];
}

/** What software a run used. */
export interface Software {
  readonly ligase: string;
  readonly node: string;
  /** Tools of the scripts that ran, and of those whose results came from the cache. */
  readonly tools: readonly Tool[];
  /** npm packages of the snapshot of code. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

/** Lists the software that computed the results of a run. */
export function readSoftware({ run, attempts, book, program }: RunRows, cached: readonly CachedTask[]): Software {
  const found = new Map<string, { versions: Set<string>; tasks: Set<string> }>();
  const add = (task: string, tools: Readonly<Record<string, string>>): void => {
    for (const [name, version] of Object.entries(tools)) {
      let tool = found.get(name);
      if (!tool) found.set(name, (tool = { versions: new Set(), tasks: new Set() }));
      tool.versions.add(version);
      tool.tasks.add(task);
    }
  };
  for (const attempt of attempts) {
    const job = book.get(attempt.job);
    if (job && attempt.tools && attempt.outcome === "done") add(book.ownerOf(job).task, attempt.tools);
  }
  for (const { task, tools } of cached) for (const each of tools) add(task, each);
  return {
    ligase: run.ligaseVersion,
    node: run.nodeVersion,
    tools: [...found]
      .map(([name, { versions, tasks }]) => ({
        name,
        versions: [...versions].toSorted(),
        tasks: [...tasks].toSorted(),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    packages: program?.packages ?? [],
  };
}
