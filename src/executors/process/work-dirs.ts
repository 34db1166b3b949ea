import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  lstatSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Remover } from "./remover.ts";

const SCRIPT = ".command.sh";
/** What may be in a directory that is used again, and how many bytes of it. */
const LIMITS: ReadonlyMap<string, number> = new Map([
  [SCRIPT, Number.POSITIVE_INFINITY],
  [".command.out", 0],
  [".command.err", 0],
]);
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
  /** The rights that new ones have. */
  #fresh: Modes | undefined;

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
    this.#fresh ??= modesOf(dir);
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

  /** Whether it is as if new: nothing in it but a script and empty logs, with nobody else's name or rights. */
  #isBare(dir: string): boolean {
    const is = (path: string, mode: number, mostBytes: number): boolean => {
      const stats = lstatSync(path);
      return stats.mode === mode && (stats.isDirectory() || (stats.nlink === 1 && stats.size <= mostBytes));
    };
    try {
      if (!this.#fresh) return false;
      const { dirMode, fileMode } = this.#fresh;
      return (
        is(dir, dirMode, 0) &&
        readdirSync(dir).every((name) => {
          const mostBytes = LIMITS.get(name);
          return mostBytes !== undefined && is(join(dir, name), fileMode, mostBytes);
        })
      );
    } catch {
      return false;
    }
  }
}

interface Modes {
  readonly dirMode: number;
  readonly fileMode: number;
}

function modesOf(dir: string): Modes {
  return { dirMode: lstatSync(dir).mode, fileMode: lstatSync(join(dir, SCRIPT)).mode };
}

/** Never emptied first: ext4 would take that for a file replaced in place, and write it to the disk when it is closed. */
function overwrite(path: string, text: string): void {
  const bytes = Buffer.from(text);
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT);
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
