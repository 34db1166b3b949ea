import { dirname, join, resolve } from "node:path";
import { Image } from "../../images/image.ts";
import { nearest } from "../../kernel/index.ts";
import { findProject } from "../../project/project.ts";
import { loadWorkflow } from "../run/load-workflow.ts";
import { usageError } from "../usage-error.ts";

/** A definition, and the tasks that name it. */
export interface UsedImage {
  readonly image: Image;
  readonly tasks: readonly string[];
}

/** Takes `workflow.ts:align` apart. */
export function splitWord(word: string): { readonly file: string; readonly task: string | undefined } {
  const [, file, task] = /^(.*\.(?:[cm]?[jt]sx?|py)):([^:/\\]+)$/.exec(word) ?? [];
  return file === undefined ? { file: word, task: undefined } : { file, task };
}

/** Is a word a workflow file, or a task in one? */
export function isWorkflow(word: string): boolean {
  return /\.([cm]?[jt]sx?|py)$/.test(splitWord(word).file);
}

/**
 * The definitions that the tasks of a workflow file name.
 *
 * @param word - `workflow.ts`, or `workflow.ts:align` for those of one task
 * @throws LigaseError what `loadWorkflow` raises; `LIGASE_E_NO_TASK`, exit status 2
 */
export async function imagesOf(word: string): Promise<readonly UsedImage[]> {
  const { file, task } = splitWord(word);
  const root = findProject(dirname(resolve(file)));
  const { tasks, exports } = await loadWorkflow(file, root, join(root, ".ligase", "code"));
  if (task !== undefined && !tasks.has(task)) {
    const near = nearest(task, [...tasks.keys()]);
    const mend = near === undefined ? `ligase tasks ${file} lists them` : `did you mean ${file}:${near}?`;
    throw usageError("LIGASE_E_NO_TASK", `${file} has no task ${task}`, mend, { task });
  }
  const found = new Map<string, { image: Image; tasks: string[] }>();
  const add = (image: unknown, name: string | undefined): void => {
    if (!(image instanceof Image)) return;
    const known = found.get(image.identity) ?? { image, tasks: [] };
    if (name !== undefined) known.tasks.push(name);
    found.set(image.identity, known);
  };
  for (const [name, { options }] of tasks) if (task === undefined || name === task) add(options.image, name);
  // Those that tasks get at their calls stand nowhere else.
  if (task === undefined) for (const value of Object.values(exports)) add(value, undefined);
  return [...found.values()];
}
