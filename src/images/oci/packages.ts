import { execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Packages, readPackages } from "../build/packages.ts";
import { hostEnvironment } from "../build/program.ts";
import { callClient } from "./client.ts";
import { clientEnvironment } from "./environment.ts";

/** Where package managers keep what is installed. */
const KEPT = [
  "*var/lib/dpkg/status",
  "*lib/apk/db/installed",
  "*.dist-info/METADATA",
  "*.dist-info/INSTALLER",
  "*conda-meta/*.json",
];

/**
 * A pipe of the shell's: podman opens its output anew, which a socket, as Node's pipes are, does not let it; and it never
 * ends when nobody reads to the end, where tar may stop before.
 */
const EXPORT = 'client=$1 container=$2; shift 2; "$client" export "$container" | { tar "$@"; cat >/dev/null; }';

/** What is installed in an image of an engine: its file system is read, and nothing of it runs. */
export async function packagesOf(program: string, image: string, folder: string): Promise<Packages> {
  const root = join(folder, "packages");
  mkdirSync(root);
  const created = await callClient(program, ["create", "--network=none", "--entrypoint=", image, "true"]);
  const container = created.stdout.trim().split("\n").at(-1) ?? "";
  if (created.status !== 0 || container === "") return {};
  try {
    const gnu = process.platform === "linux" ? ["--wildcards"] : [];
    const args = ["-x", "-f", "-", "-C", root, "--no-same-owner", ...gnu, ...KEPT];
    const child = spawn("sh", ["-c", EXPORT, "sh", program, container, ...args], {
      env: { ...hostEnvironment(), ...clientEnvironment() },
      // It complains of kinds of packages that are not there.
      stdio: "ignore",
    });
    await new Promise((resolve) => child.on("close", resolve).on("error", resolve));
  } finally {
    await callClient(program, ["rm", "--force", container]);
  }
  return readPackages(root);
}

/** The names in a tar file; none when it is no tar file. */
export function listTar(path: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const options = { env: hostEnvironment(), maxBuffer: 2 ** 28 };
    execFile("tar", ["-t", "-f", path], options, (error, names) =>
      resolve(error ? [] : names.split("\n").filter(Boolean)),
    );
  });
}
