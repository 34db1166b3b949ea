import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import type { LocalContent } from "../definition/layers.ts";
import { needUnchanged } from "./archive.ts";
import { AUTHORITIES, OWN } from "./inside.ts";
import { onHost } from "./paths.ts";
import { runInside, type StepContext, type StepResult } from "./step.ts";

/** Runs shell commands one after the other: each is an argument of its own shell, and ends the build when it fails. */
export async function runCommands(context: StepContext, commands: readonly string[]): Promise<StepResult> {
  const authorities = AUTHORITIES.find((path) => existsSync(path));
  for (const command of commands) {
    await runInside(context, {
      command: ["/bin/sh", "-e", "-c", command],
      cwd: context.workdir,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      binds: authorities === undefined ? {} : { [`${OWN}/authorities.pem`]: { from: authorities } },
    });
  }
  return {};
}

/** Makes the directory that commands run in. */
export function makeWorkdir(context: StepContext, workdir: string): StepResult {
  mkdirSync(onHost(context.root, workdir), { recursive: true });
  return { workdir };
}

/**
 * Copies a local file or folder, if it is what it was when the definition was hashed: an identity never stands for other
 * contents.
 */
export function copyFiles(context: Pick<StepContext, "root">, files: LocalContent, at: string): StepResult {
  needUnchanged(files);
  const to = onHost(context.root, at);
  mkdirSync(join(to, ".."), { recursive: true });
  copyTree(files.path, to);
  return {};
}

/** Modes as everybody who builds has them, whatever their umask; links stay links. */
function copyTree(from: string, to: string): void {
  const stat = statSync(from);
  if (!stat.isDirectory()) {
    copyFileSync(from, to);
    chmodSync(to, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
    return;
  }
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === ".git" || entry.name === ".ligase") continue;
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.isDirectory() || entry.isFile()) copyTree(source, target);
  }
}
