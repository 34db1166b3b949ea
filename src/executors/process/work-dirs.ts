import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Remover } from "./remover.ts";

const SCRIPT = ".command.sh";
const LOGS: ReadonlySet<string> = new Set([".command.out", ".command.err"]);
const MOST_SPARE = 64;

/**
 * Makes and removes the work directories of scripts that need nothing but their text. One in which
 * a script left nothing is given the next one's name instead of being removed: the directory and
 * its files stay what they are, and hold nothing of the job before.
 *
 * For ext4 hands out no inode that was freed in the last minute, and looks at each of those, one by
 * one, whenever a file is made: of 3,000 scripts `true` that took a fifth of all CPU time, and more
 * with every further one.
 */
export class WorkDirs {
  readonly #remover: Remover;
  readonly #spare: string[] = [];
  #mode: number | undefined;

  constructor(remover: Remover) {
    this.#remover = remover;
  }

  /**
   * Makes a directory with a script in it.
   *
   * @throws what the file system does
   */
  make(dir: string, script: string): void {
    const spare = this.#spare.pop();
    if (spare !== undefined && moved(spare, dir)) return overwrite(join(dir, SCRIPT), script);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, SCRIPT), script);
  }

  /** A directory is needed no more. */
  dispose(dir: string): void {
    if (this.#spare.length < MOST_SPARE && this.#isBare(dir)) this.#spare.push(dir);
    else this.#remover.remove(dir);
  }

  /** Nothing runs: those kept for later are removed. */
  tidy(): void {
    for (const dir of this.#spare.splice(0)) this.#remover.remove(dir);
  }

  /** Whether it is as if new: nothing in it but a script and empty logs. */
  #isBare(dir: string): boolean {
    try {
      const { mode } = statSync(dir);
      this.#mode ??= mode;
      return (
        mode === this.#mode &&
        readdirSync(dir, { withFileTypes: true }).every(
          (entry) =>
            entry.isFile() &&
            (entry.name === SCRIPT || (LOGS.has(entry.name) && statSync(join(dir, entry.name)).size === 0)),
        )
      );
    } catch {
      return false;
    }
  }
}

/** Never emptied first: ext4 would take that for a file replaced in place, and write it to the disk when it is closed. */
function overwrite(path: string, text: string): void {
  const bytes = Buffer.from(text);
  const file = openSync(path, "r+");
  try {
    writeSync(file, bytes);
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
