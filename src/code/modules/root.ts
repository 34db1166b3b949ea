import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { CONFIG_FILES } from "../../config/index.ts";

const MARKS = ["package.json", "pyproject.toml", ...CONFIG_FILES, ".git", ".ligase"];

/** The project's folder: the nearest one above a file that has a package.json, a pyproject.toml, a config, `.git` or `.ligase`. */
export function projectRoot(file: string): string {
  const folder = dirname(file);
  for (let at = folder; ; at = dirname(at)) {
    if (MARKS.some((mark) => existsSync(join(at, mark)))) return at;
    if (dirname(at) === at) return folder;
  }
}

/** A path as people write it in the project: relative to its folder, with `/`. */
export function projectPath(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}
