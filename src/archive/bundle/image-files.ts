import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { SettledLayer } from "../../images/index.ts";
import { isSafePath } from "../safe-path.ts";
import type { Source } from "./sources.ts";

/** The local files that definitions of environments name. */
export interface ImageFiles {
  readonly sources: readonly Source[];
  /** Those that are gone, lie outside of the project, or are too large: paths. */
  readonly left: readonly string[];
}

/** A larger file, such as the image of a container, is left to whoever runs the bundle. */
const LARGEST = 100 * 1024 * 1024;
/** They are no part of what a definition copies. */
const NEVER = new Set([".git", ".ligase", "node_modules"]);

/** Finds the files that environments are built from, besides packages: they are taken as they are now. */
export function imageFiles(root: string, layers: readonly SettledLayer[]): ImageFiles {
  const sources = new Map<string, Source>();
  const left = new Set<string>();
  const take = (path: string): void => {
    const place = relative(root, path).split(sep).join("/");
    const stats = statSync(path, { throwIfNoEntry: false });
    const isInside = place === "" || isSafePath(place);
    if (!stats || !isInside || (stats.isFile() && stats.size > LARGEST)) left.add(isInside ? place : path);
    else if (stats.isDirectory()) {
      for (const name of readdirSync(path)) if (!NEVER.has(name)) take(join(path, name));
    } else if (stats.isFile()) sources.set(place, { path: place, bytes: readFileSync(path) });
  };
  for (const layer of layers) {
    if ("files" in layer) take(layer.files.path);
    if ("archive" in layer) take(layer.archive.path);
    if ("dockerfile" in layer) {
      take(layer.dockerfile.path);
      take(layer.context.path);
    }
    if ("requirements" in layer) {
      // Its text is recorded; a file that is there may read others.
      const place = relative(root, join(root, layer.name)).split(sep).join("/");
      if (!isSafePath(place)) left.add(layer.name);
      else if (existsSync(join(root, place))) take(join(root, place));
      else sources.set(place, { path: place, bytes: Buffer.from(layer.requirements) });
    }
  }
  return { sources: [...sources.values()], left: [...left] };
}
