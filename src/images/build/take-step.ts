import { LigaseError } from "../../kernel/index.ts";
import type { SettledLayer } from "../definition/layers.ts";
import { installApt } from "./apt.ts";
import { buildDebian } from "./debian.ts";
import { copyFiles, makeWorkdir, runCommands } from "./simple.ts";
import type { StepContext, StepResult } from "./step.ts";

/** Does what one layer says. */
export async function takeStep(context: StepContext, layer: SettledLayer): Promise<StepResult> {
  if ("debian" in layer) return buildDebian(context, layer.debian);
  if ("apt" in layer) return installApt(context, layer.apt);
  if ("run" in layer) return runCommands(context, layer.run);
  if ("workdir" in layer) return makeWorkdir(context, layer.workdir);
  if ("files" in layer) return copyFiles(context, layer.files, layer.at);
  throw new LigaseError("LIGASE_E_IMAGE_ENGINE", `images cannot be built of this yet: ${Object.keys(layer).join()}`);
}
