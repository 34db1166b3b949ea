import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { Tools } from "./step.ts";

/** A program on the path. */
export function findProgram(name: string): string | undefined {
  // Users' paths often leave out where administrators' programs are.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The programs that builds use, as far as they are there. */
export function findTools(): Tools {
  const names = ["bwrap", "mmdebstrap", "skopeo", "umoci", "podman", "buildah", "docker", "micromamba", "tar"];
  return Object.fromEntries(names.map((name) => [name, findProgram(name)]));
}
