import { statSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Where a command writes its file: where `--out` says, or under this name in the folder that it names, else here.
 *
 * @param out - what was given; a folder ends in `/`, or is one
 */
export function outPath(out: string | undefined, name: string): string {
  if (out === undefined) return resolve(name);
  const isFolder = out.endsWith("/") || statSync(out, { throwIfNoEntry: false })?.isDirectory();
  return isFolder ? join(resolve(out), name) : resolve(out);
}
