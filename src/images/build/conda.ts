import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { AUTHORITIES, OWN } from "./inside.ts";
import { findMicromamba } from "./micromamba.ts";
import { onHost } from "./paths.ts";
import type { Archive } from "../lock/types.ts";
import { textIn } from "./python.ts";
import { runInside, type StepContext, type StepResult } from "./step.ts";

/** Where conda packages are in an environment: some have the path in their files. */
export const CONDA = "/opt/conda";

/** Installs conda packages. The program runs inside, so that what it writes into files is right inside. */
export async function installConda(
  context: StepContext,
  packages: readonly string[],
  channels: readonly string[],
): Promise<StepResult> {
  const { scratch, place, lock, root, env } = context;
  const micromamba = await findMicromamba(context);
  const folder = join(scratch, "conda");
  mkdirSync(folder);
  const locked = lock?.archives.filter(({ manager }) => manager === "conda") ?? [];
  const authorities = AUTHORITIES.find((path) => existsSync(path));
  const isNew = !existsSync(onHost(root, `${CONDA}/conda-meta`));
  if (locked.length > 0) writeFileSync(join(folder, "explicit.txt"), explicitList(locked));
  const local = channels.filter((channel) => channel.startsWith("file://")).map((channel) => channel.slice(7));
  await runInside(context, {
    command: [
      `${OWN}/micromamba`,
      isNew ? "create" : "install",
      "--yes",
      "--no-rc",
      "--root-prefix",
      `${OWN}/mamba`,
      "--prefix",
      CONDA,
      ...(locked.length > 0
        ? ["--file", `${OWN}/conda/explicit.txt`]
        : [
            "--override-channels",
            "--strict-channel-priority",
            ...channels.flatMap((channel) => ["--channel", channel]),
            ...packages,
          ]),
    ],
    env: {
      MAMBA_NO_BANNER: "1",
      CONDA_PKGS_DIRS: `${OWN}/packages`,
      // What a package cache and an environment on different disks cannot share is copied.
      MAMBA_ALWAYS_COPY: "true",
    },
    binds: {
      [`${OWN}/micromamba`]: { from: micromamba },
      [`${OWN}/conda`]: { from: folder },
      [`${OWN}/packages`]: { from: place.cache("conda"), writable: true },
      ...(authorities !== undefined && { [`${OWN}/authorities.pem`]: { from: authorities } }),
      ...Object.fromEntries(local.map((path) => [path, { from: path }])),
    },
  });
  const archives = readMeta(root);
  needLocked(locked, archives);
  return {
    env: {
      ...packageVariables(root),
      PATH: isNew ? `${CONDA}/bin:${env["PATH"] ?? ""}` : (env["PATH"] ?? ""),
      CONDA_PREFIX: CONDA,
    },
    archives,
  };
}

/** As `conda list --explicit --md5` writes it. */
function explicitList(locked: readonly Archive[]): string {
  const lines = locked.map(({ url, md5 }) => (md5 === undefined ? url : `${url}#${md5}`));
  return ["@EXPLICIT", ...new Set(lines), ""].join("\n");
}

/** What conda keeps of each package: `conda-meta/bwa-0.7.17-h7132678_9.json`. */
function readMeta(root: string): readonly Archive[] {
  const folder = onHost(root, `${CONDA}/conda-meta`);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return files.sort().flatMap((file): Archive[] => {
    const meta: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const [name, version] = [textIn(meta, "name"), textIn(meta, "version")];
    if (name === undefined || version === undefined) return [];
    const fields = (["url", "sha256", "md5", "build"] as const).flatMap((key): [string, string][] => {
      const value = textIn(meta, key);
      return value === undefined ? [] : [[key, value]];
    });
    const known: Partial<Record<"url" | "sha256" | "md5" | "build", string>> = Object.fromEntries(fields);
    return [{ manager: "conda", name, version, ...known }];
  });
}

function needLocked(locked: readonly Archive[], found: readonly Archive[]): void {
  for (const { name, sha256 } of locked) {
    const other = found.find((archive) => archive.name === name);
    if (sha256 !== undefined && other?.sha256 !== undefined && other.sha256 !== sha256) {
      throw new LigaseError("LIGASE_E_IMAGE_LOCK", `the conda package ${name} is not the one that was locked`, {
        mend: "somebody changed it after the lock was made: find out why before you lock anew",
        facts: { package: name, locked: sha256, found: other.sha256 },
      });
    }
  }
}

/** Variables that packages set when an environment is activated: nothing activates a job's. */
function packageVariables(root: string): Readonly<Record<string, string>> {
  const folder = onHost(root, `${CONDA}/etc/conda/env_vars.d`);
  const found: Record<string, string> = {};
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (!file.endsWith(".json")) continue;
    const said: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
    if (said === null || typeof said !== "object") continue;
    for (const [name, value] of Object.entries(said)) if (typeof value === "string") found[name] = value;
  }
  return found;
}
