import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { setProjectDir } from "../files/location.ts";
import { type Hash, LigaseError } from "../kernel/index.ts";
import { BundleCache, type Manifest, programId } from "./bundle/cache.ts";
import { importBundle } from "./bundle/import.ts";
import { projectPath, projectRoot } from "./modules/root.ts";
import type { Program } from "./types.ts";

/** How a program is loaded. */
export interface LoadOptions {
  /** The project's folder; found from the entry by default. */
  readonly root?: string;
  /** Where bundles are kept; the project's `.ligase/code` by default. */
  readonly cacheDir?: string;
}

/**
 * Loads a workflow file with everything it imports: bundles it (unless nothing changed since it was
 * last bundled), imports the bundle, and gives its tasks with their names, hashes and parameters.
 *
 * @throws LigaseError for what is wrong with the code (syntax, imports, tasks in places where they
 * cannot be found); whatever its modules throw when they are evaluated
 * @example
 * ```ts
 * const program = await loadProgram("workflow.ts", { cacheDir: ".ligase/code" });
 * program.tasks.get("align")?.definition?.closureHash;
 * ```
 */
export async function loadProgram(entry: string, options: LoadOptions = {}): Promise<Program> {
  const place = locate(entry, options);
  const { manifest } = await bundleFor(place, "program");
  const bundle = place.cache.file(manifest.id);
  // Before its modules are evaluated: they may hold files already.
  setProjectDir(place.root);
  const { tasks, ...exports } = await importBundle(bundle, place.root);
  return programOf(place, manifest, tasks, exports);
}

/**
 * Loads a program as it was recorded, from its bundle: with the code of then, whatever its files say now.
 *
 * @param id - of the program; see {@link Program}
 * @returns nothing when the bundle is not kept any more
 * @throws whatever its modules throw when they are evaluated
 */
export async function loadRecorded(id: Hash, { root, cacheDir }: Required<LoadOptions>): Promise<Program | undefined> {
  const place = { root: realpathSync(root), cache: new BundleCache(resolve(cacheDir)) };
  const manifest = place.cache.find(id);
  if (!manifest) return undefined;
  setProjectDir(place.root);
  const { tasks, ...exports } = await importBundle(place.cache.file(id), place.root);
  return programOf(place, manifest, tasks, exports);
}

/**
 * Imports a TypeScript file without looking for tasks in it: a config.
 *
 * @throws as {@link loadProgram}
 */
export async function importModule(file: string, cacheDir?: string): Promise<Readonly<Record<string, unknown>>> {
  const place = locate(file, cacheDir === undefined ? {} : { cacheDir });
  const { manifest } = await bundleFor(place, "module");
  const { tasks: _, ...exports } = await importBundle(place.cache.file(manifest.id), place.root);
  return exports;
}

/** A file, its project and its bundles. */
export interface Place {
  /** Absolute, without symbolic links. */
  readonly entry: string;
  readonly root: string;
  readonly cache: BundleCache;
}

/** Finds the project of a file. */
export function locate(entry: string, options: LoadOptions): Place {
  const path = resolve(entry);
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new LigaseError("LIGASE_E_NO_FILE", `${entry} does not exist`, {
      facts: { path },
      mend: "check the path of the workflow file",
      cause,
    });
  }
  const root = options.root === undefined ? projectRoot(real) : realpathSync(options.root);
  return { entry: real, root, cache: new BundleCache(resolve(options.cacheDir ?? `${root}/.ligase/code`)) };
}

/** `program`: with tasks. `module`: without. `tasks`: only what its tasks need, for workers of a program that runs itself. */
export type Variant = "program" | "module" | "tasks";

/** Finds or makes the bundle of a file. */
export async function bundleFor(place: Place, variant: Variant): Promise<{ readonly manifest: Manifest }> {
  const { cache, entry, root } = place;
  const id = projectPath(root, entry);
  const { ingredientsOf, isFresh } = await import("./bundle/fresh.ts"); // 4 ms that workers need not spend
  const last = cache.latest(id, variant);
  if (last && isFresh(last, root)) return { manifest: last };
  cache.prepare();
  // From here on nothing is fast: the parser is loaded, and esbuild if need be.
  const { readGraph } = await import("./modules/graph.ts");
  const graph = readGraph(entry, root);
  const { readPython } = await import("./tasks/python.ts");
  const python = variant === "module" ? undefined : readPython(graph);
  const ingredients = ingredientsOf(graph, python);
  const program = programId(ingredients, variant);
  let manifest = cache.find(program);
  if (!manifest) {
    const { makeBundle } = await import("./bundle/make.ts");
    manifest = await makeBundle({ graph, python, cache, id: program, ingredients, variant });
  }
  cache.point(id, variant, program);
  return { manifest };
}

/** The program of a bundle. */
export function programOf(
  { root, cache }: Pick<Place, "root" | "cache">,
  manifest: Manifest,
  tasks: Program["tasks"],
  exports: Program["exports"] = {},
): Program {
  const { id, entry, modules, assets, packages, diagnostics } = manifest;
  return { id, root, entry, bundle: cache.file(id), tasks, exports, modules, assets, packages, diagnostics };
}
