import type { SettledLayer } from "../definition/layers.ts";
import { installApt } from "./apt.ts";
import { buildArchive } from "./archive.ts";
import { installConda } from "./conda.ts";
import { buildDebian } from "./debian.ts";
import { buildDockerfile } from "./dockerfile.ts";
import { buildFrom } from "./oci.ts";
import { installPip, installPython } from "./python.ts";
import { copyFiles, makeWorkdir, runCommands } from "./simple.ts";
import type { StepContext, StepResult } from "./step.ts";

/** Does what one layer says. */
export async function takeStep(context: StepContext, layer: SettledLayer): Promise<StepResult> {
  if ("debian" in layer) return buildDebian(context, layer.debian);
  if ("from" in layer) return buildFrom(context, layer.from);
  if ("dockerfile" in layer) return buildDockerfile(context, layer);
  if ("archive" in layer) return buildArchive(context, layer.archive);
  if ("apt" in layer) return installApt(context, layer.apt);
  if ("python" in layer) return installPython(context, layer.python);
  if ("pip" in layer) return installPip(context, layer.pip);
  if ("requirements" in layer) return installPip(context, layer.requirements.split("\n"));
  if ("conda" in layer) return installConda(context, layer.conda, layer.channels);
  if ("run" in layer) return runCommands(context, layer.run);
  if ("workdir" in layer) return makeWorkdir(context, layer.workdir);
  if ("files" in layer) return copyFiles(context, layer.files, layer.at);
  return {};
}
