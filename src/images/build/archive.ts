import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { readContent } from "../definition/content.ts";
import type { LocalContent } from "../definition/layers.ts";
import { DEFAULT_PATH } from "./default-path.ts";
import { needTools, skopeo, unpack } from "./oci.ts";
import { onMachine, type StepContext, type StepResult } from "./step.ts";

/** Refuses a local file that is no longer what the definition was hashed with: an identity never stands for two contents. */
export function needUnchanged(content: LocalContent): void {
  const now = readContent("files", content.path, "/");
  if (now.sha256 === content.sha256) return;
  throw new LigaseError("LIGASE_E_IMAGE_DEFINITION", `${content.path} has changed since the image was defined`, {
    mend: "start again, so that the definition is read anew",
    facts: { path: content.path },
  });
}

/** Takes an image from a file. */
export async function buildArchive(context: StepContext, archive: LocalContent): Promise<StepResult> {
  needUnchanged(archive);
  return unpackArchive(context, archive.path);
}

/** Unpacks what `docker save`, `podman save` or `skopeo copy` wrote, or a root file system as a tar file. */
export async function unpackArchive(context: StepContext, path: string): Promise<StepResult> {
  const { scratch, root, privilege, tools } = context;
  const tar = tools["tar"] ?? "tar";
  const listed = await onMachine(context, [tar, "--list", "--file", path], { capture: true });
  const names = new Set(listed.split("\n").map((name) => name.replace(/^\.?\/+/, "").replace(/\/$/, "")));
  const kind = names.has("manifest.json") ? "docker-archive" : names.has("index.json") ? "oci-archive" : undefined;
  if (kind !== undefined) {
    needTools(context, ["skopeo", "umoci"], `Image.archive(${JSON.stringify(path)})`);
    // By a name without a colon, behind which skopeo looks for the name of an image.
    symlinkSync(path, join(scratch, "archive.tar"));
    await onMachine(context, [...skopeo(context), "copy", `${kind}:archive.tar`, "oci:oci:image"], { cwd: scratch });
    return unpack(context);
  }
  if (!["usr", "bin", "etc", "lib"].some((name) => names.has(name) || listed.includes(`${name}/`))) {
    throw new LigaseError("LIGASE_E_IMAGE_DEFINITION", `${path} holds neither an image nor a root file system`, {
      mend: "write one with docker save, podman save, skopeo copy … oci-archive:image.tar, or podman export",
      facts: { path },
    });
  }
  mkdirSync(root);
  const owners = privilege.kind === "single" ? ["--no-same-owner"] : ["--same-owner", "--numeric-owner"];
  const exclude = ["--exclude=./dev/*", "--exclude=dev/*"];
  await onMachine(context, [
    ...privilege.prefix,
    tar,
    "--extract",
    "--file",
    path,
    "--directory",
    root,
    "--same-permissions",
    ...owners,
    ...exclude,
  ]);
  return { env: { PATH: DEFAULT_PATH }, workdir: "/" };
}
