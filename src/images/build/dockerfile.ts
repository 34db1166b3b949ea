import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { readContext } from "../definition/content.ts";
import type { LocalContent } from "../definition/layers.ts";
import { needUnchanged, unpackArchive } from "./archive.ts";
import { onMachine, type StepContext, type StepResult } from "./step.ts";

/** What a Dockerfile is built from. */
export interface DockerfileLayer {
  readonly dockerfile: LocalContent;
  readonly context: LocalContent;
  readonly args: Readonly<Record<string, string>>;
}

/** Builds a Dockerfile with podman, buildah or docker, and unpacks what comes of it. */
export async function buildDockerfile(context: StepContext, layer: DockerfileLayer): Promise<StepResult> {
  const { tools, scratch } = context;
  const name = ["podman", "buildah", "docker"].find((each) => tools[each] !== undefined);
  const builder = name === undefined ? undefined : tools[name];
  if (name === undefined || builder === undefined) {
    throw new LigaseError(
      "LIGASE_E_IMAGE_ENGINE",
      "Image.dockerfile needs podman, buildah or docker, none is installed",
      {
        mend: "apt-get install podman; or write the same as Image.debian(…).apt(…).run(…)",
      },
    );
  }
  needUnchanged(layer.dockerfile);
  if (readContext(layer.context.path, "/").sha256 !== layer.context.sha256) {
    throw new LigaseError(
      "LIGASE_E_IMAGE_DEFINITION",
      `${layer.context.path} has changed since the image was defined`,
      {
        mend: "start again, so that the definition is read anew",
        facts: { path: layer.context.path },
      },
    );
  }
  const [id, archive] = [join(scratch, "id"), join(scratch, "built.tar")];
  await onMachine(context, [
    builder,
    "build",
    "--file",
    layer.dockerfile.path,
    "--iidfile",
    id,
    "--network",
    "host",
    ...Object.entries(layer.args).flatMap(([argument, value]) => ["--build-arg", `${argument}=${value}`]),
    layer.context.path,
  ]);
  const image = readFileSync(id, "utf8").trim();
  const save: Readonly<Record<string, readonly string[]>> = {
    podman: ["save", "--format", "oci-archive", "--output", archive, image],
    buildah: ["push", image, `oci-archive:${archive}`],
    docker: ["save", "--output", archive, image],
  };
  await onMachine(context, [builder, ...(save[name] ?? [])]);
  return unpackArchive(context, archive);
}
