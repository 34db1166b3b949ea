import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ScriptSpec } from "../../expr/script.ts";
import { type Activities, type Dir, type File, stage, type Staged, type StageMode } from "../../files/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { type CommandFiles, commandFiles, filesOf, renderScript } from "../../worker/script/index.ts";
import type { Attempt } from "../types.ts";
import { jobEnvironment } from "./environment.ts";
import { placeVolumes, SCRATCH, volumeNames } from "./enclosure.ts";
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

/** What of an attempt a script is prepared from. */
export type PreparedAttempt = Pick<Attempt, "task" | "job" | "attempt" | "resources" | "gpus" | "env" | "workDir"> &
  Partial<Pick<Attempt, "environment" | "volumes" | "secrets">>;

/** How inputs come into the work directory. */
export interface PrepareOptions {
  readonly stage: StageMode;
  readonly activities?: Activities | undefined;
}

/**
 * Stages the inputs of a script, renders it, and writes down how it is started. Nothing is started, and the command files
 * are not written yet. Volumes have their places in the work directory, and in an environment there is a folder for
 * temporary files.
 *
 * @throws LigaseError what `stage` and `renderScript` raise; `LIGASE_E_VOLUME`
 */
export async function prepareScript(
  attempt: PreparedAttempt,
  script: ScriptSpec,
  { stage: how, activities }: PrepareOptions,
): Promise<PreparedScript> {
  const { workDir, environment = null, volumes = [], secrets = {} } = attempt;
  const files = filesOf(script);
  let staged: Staged | undefined;
  if (files.length > 0 || volumes.length > 0 || environment) mkdirSync(workDir, { recursive: true });
  if (files.length > 0) {
    const reserved = [...reservedNames(script), ...volumeNames(volumes)];
    staged = await stage(files, workDir, { how, reserved, ...(activities && { activities }) });
  }
  placeVolumes(volumes, workDir, environment !== null);
  if (environment) mkdirSync(join(workDir, SCRATCH), { recursive: true });
  const pathOf = (file: File | Dir): string => {
    if (staged) return staged.pathOf(file);
    throw new LigaseError("LIGASE_E_NOT_STAGED", `${file.path} was not staged`);
  };
  const text = renderScript(script, pathOf);
  const env = { ...jobEnvironment(attempt), ...attempt.env, ...script.env };
  const title = `${attempt.task}, job ${attempt.job}, attempt ${attempt.attempt}`;
  const needs = needsByHand(attempt.job, environment !== null, Object.keys(secrets));
  return { ...commandFiles({ title, interpreter: script.interpreter, text, env, ...needs }), text, env, staged };
}

function needsByHand(job: string, inEnvironment: boolean, secrets: readonly string[]): { needs?: string } {
  const needs = [
    ...(inEnvironment ? [`In its environment: ligase shell ${job}.`] : []),
    ...(secrets.length > 0
      ? [`It reads the secrets ${secrets.join(", ")} from its environment: export them first.`]
      : []),
  ];
  return needs.length > 0 ? { needs: needs.join(" ") } : {};
}
