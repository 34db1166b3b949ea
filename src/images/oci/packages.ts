import { execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
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

/** What is installed in an image of an engine: its file system is read, and nothing of it runs. */
export async function packagesOf(program: string, image: string, folder: string): Promise<Packages> {
  const root = join(folder, "packages");
  mkdirSync(root);
  const created = await callClient(program, ["create", "--network=none", "--entrypoint=", image, "true"]);
  const container = created.stdout.trim().split("\n").at(-1) ?? "";
  if (created.status !== 0 || container === "") return {};
  try {
    const from = spawn(program, ["export", container], {
      env: clientEnvironment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    const gnu = process.platform === "linux" ? ["--wildcards"] : [];
    const to = spawn("tar", ["-x", "-f", "-", "-C", root, ...gnu, "--no-same-owner", ...KEPT], {
      env: hostEnvironment(),
      // It complains of kinds of packages that are not there.
      stdio: ["pipe", "ignore", "ignore"],
    });
    const ended = new Promise((resolve) => to.on("close", resolve).on("error", resolve));
    await pipeline(from.stdout, to.stdin).catch(() => {});
    await ended;
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
