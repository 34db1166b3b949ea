import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isSafePath } from "../safe-path.ts";
import type { RunRows } from "../run-rows.ts";

/** A file of the project. */
export interface Source {
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * What a program is read with, besides its modules: the configuration with what it imports, and the `tsconfig.json` of
 * the project with those that it extends. They are not recorded: what they are now is taken.
 */
export async function otherSources(
  root: string,
  { program }: RunRows,
  configs: readonly string[],
): Promise<readonly Source[]> {
  const paths = new Set<string>();
  for (const config of configs.filter((each) => existsSync(join(root, each)))) {
    paths.add(config);
    if (!config.endsWith(".ts")) continue;
    const { readGraph } = await import("../../code/modules/graph.ts");
    const graph = readGraph(join(root, config), root);
    for (const path of [...graph.modules.keys(), ...graph.assets.keys()]) paths.add(relative(root, path));
  }
  for (let file: string | undefined = join(root, "tsconfig.json"); file !== undefined && existsSync(file);) {
    paths.add(relative(root, file));
    const base: string | undefined = /"extends"\s*:\s*"(\.[^"]*)"/.exec(readFileSync(file, "utf8"))?.[1];
    file = base === undefined ? undefined : join(dirname(file), base.endsWith(".json") ? base : `${base}.json`);
  }
  const modules = new Set(program?.modules.map((module) => module.path));
  return [...paths]
    .filter((path) => isSafePath(path) && !modules.has(path))
    .sort()
    .map((path) => ({ path, bytes: readFileSync(join(root, path)) }));
}
