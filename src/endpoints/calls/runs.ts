import type { Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { Deployments, SubmittedRuns } from "../services.ts";

/** Opens what takes runs in. */
export function openRuns(_options: {
  readonly project: Project;
  readonly deployments: Pick<Deployments, "codeDir">;
  readonly log: Log;
}): SubmittedRuns {
  throw new Error("not built yet");
}
