import { mkdirSync } from "node:fs";
import type { ScriptSpec } from "../../expr/script.ts";
import { type Activities, type Dir, type File, stage, type Staged, type StageMode } from "../../files/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { type CommandFiles, commandFiles, filesOf, renderScript } from "../../worker/script/index.ts";
import type { Attempt } from "../types.ts";
import { jobEnvironment } from "./environment.ts";
import { reservedNames } from "./reserved.ts";

/** A script that is ready to be started in its work directory. */
export interface PreparedScript extends CommandFiles {
  /** The rendered script. */
  readonly text: string;
  /** What is added to the environment: in the command file it is too. */
  readonly env: Readonly<Record<string, string>>;
  /** Its inputs; nothing for one that has none. The directory is made for them alone. */
  readonly staged: Staged | undefined;
}

/** How inputs come into the work directory. */
export interface PrepareOptions {
  readonly stage: StageMode;
  readonly activities?: Activities | undefined;
}

/**
 * Stages the inputs of a script, renders it, and writes down how it is started. Nothing is started, and the command files
 * are not written yet.
 *
 * @throws LigaseError what `stage` and `renderScript` raise
 */
export async function prepareScript(
  attempt: Pick<Attempt, "task" | "job" | "attempt" | "resources" | "gpus" | "env" | "workDir">,
  script: ScriptSpec,
  { stage: how, activities }: PrepareOptions,
): Promise<PreparedScript> {
  const { workDir } = attempt;
  const files = filesOf(script);
  let staged: Staged | undefined;
  if (files.length > 0) {
    mkdirSync(workDir, { recursive: true });
    const reserved = reservedNames(script);
    staged = await stage(files, workDir, { how, reserved, ...(activities && { activities }) });
  }
  const pathOf = (file: File | Dir): string => {
    if (staged) return staged.pathOf(file);
    throw new LigaseError("LIGASE_E_NOT_STAGED", `${file.path} was not staged`);
  };
  const text = renderScript(script, pathOf);
  const env = { ...jobEnvironment(attempt), ...attempt.env, ...script.env };
  const title = `${attempt.task}, job ${attempt.job}, attempt ${attempt.attempt}`;
  return { ...commandFiles({ title, interpreter: script.interpreter, text, env }), text, env, staged };
}
