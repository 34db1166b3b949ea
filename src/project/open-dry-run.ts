import type { Program } from "../code/types.ts";
import { type Plan, planRun } from "../engine/dry-run/index.ts";
import type { RunSettings } from "../engine/index.ts";
import { localFiles } from "../engine/local-files.ts";
import type { Activities } from "../files/index.ts";
import { openValues } from "./open-values.ts";
import type { Project } from "./project.ts";
import { openSurroundings } from "./surroundings.ts";

/** Says what runs of a program would do. */
export interface OpenDryRun {
  /**
   * @param value - what the run would evaluate
   * @throws LigaseError as {@link planRun}
   */
  plan(value: unknown, settings: Partial<RunSettings>): Promise<Plan>;
  close(): Promise<void>;
}

/** Makes dry runs for a project and a snapshot of its code. Nothing runs, and nothing but fingerprints is recorded. */
export function openDryRun(project: Project, program: Program, activities?: Activities): OpenDryRun {
  const { store } = project;
  const { codec, fingerprints, close } = openValues(project, program, { ...(activities && { activities }) });
  const files = localFiles(fingerprints);
  const surroundings = openSurroundings(project, {}, { findOnly: true });
  return {
    plan: (value, settings) => planRun({ store, codec, files, tasks: program.tasks, surroundings }, value, settings),
    close,
  };
}
