import { execFile } from "node:child_process";
import { readdir, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const PATIENCE_MS = 3000;
const VERSION = /\d+(?:\.\d+)+[\w.+~-]*/;

/** What a program prints; null when it fails, or takes too long. */
function output(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { cwd: tmpdir(), env, timeout: PATIENCE_MS, killSignal: "SIGKILL", maxBuffer: 2 ** 16 } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) =>
      resolve(error ? null : `${stdout}\n${stderr}`),
    );
    child.stdin?.end();
  });
}

/**
 * Finds the version of a program: asks it (`--version`), else the package it came with (conda's
 * records, dpkg).
 *
 * @param path - where it is, absolute
 */
export async function versionOf(path: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const said = await output(path, ["--version"], env);
  return VERSION.exec(said ?? "")?.[0] ?? (await condaVersion(path)) ?? (await debianVersion(path, env));
}

/** Conda keeps a file `bwa-0.7.17-he4a0461_11.json` for each package of an environment. */
async function condaVersion(path: string): Promise<string | null> {
  const records = await readdir(join(dirname(dirname(path)), "conda-meta")).catch(() => []);
  const name = `${basename(path)}-`;
  const record = records.find((file) => file.startsWith(name) && /^\d/.test(file.slice(name.length)));
  return record?.slice(name.length).split("-")[0] ?? null;
}

async function debianVersion(path: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const owner = await output("dpkg-query", ["--search", await realpath(path).catch(() => path)], env);
  const name = owner?.split(":")[0]?.trim();
  if (!name) return null;
  const version = await output("dpkg-query", ["--show", "--showformat=${Version}", name], env);
  // `1:1.16.1-2+b1` without its epoch.
  return version?.trim().replace(/^\d+:/, "") || null;
}
