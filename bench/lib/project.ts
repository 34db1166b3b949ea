import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure, type Measured } from "./process.ts";

/** This repository. */
export const repository: string = fileURLToPath(new URL("../..", import.meta.url));

/** The command line, as built: what users run. */
const ligase = join(repository, "bin", "ligase");
const env: NodeJS.ProcessEnv = {
  ...process.env,
  // The launcher finds this very Node.
  PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
  LIGASE_FROM: "dist",
  NO_COLOR: "1",
};

/** Runs `ligase` with arguments and measures it. */
export function runLigase(args: readonly string[], cwd: string): Promise<Measured> {
  return measure(ligase, args, { cwd, env });
}

/** A user's project in a folder of its own, with the default store in it; gone when it is disposed of. */
export class Project {
  readonly folder: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), "ligase-bench-"));
    this.write({ "package.json": '{ "name": "bench", "private": true, "type": "module" }\n', ...files });
    mkdirSync(join(this.folder, "node_modules"));
    symlinkSync(repository, join(this.folder, "node_modules", "ligase"));
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  /**
   * Runs a task and checks what it printed.
   *
   * @throws Error when the result is another one
   */
  async run(task: string, flags: Readonly<Record<string, string | number>>, result: string): Promise<Measured> {
    const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const measured = await runLigase(["run", "workflow.ts", task, ...given], this.folder);
    if (measured.stdout.trim() !== result) {
      throw new Error(`${task} gave ${JSON.stringify(measured.stdout.slice(0, 200))} in place of ${result}`);
    }
    return measured;
  }

  /** Forgets everything that was run. */
  forget(): void {
    rmSync(join(this.folder, ".ligase"), { recursive: true, force: true });
  }

  /** Bytes that the store takes on disk. */
  storeBytes(): number {
    return sizeOf(join(this.folder, ".ligase"));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.size ?? 0;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
