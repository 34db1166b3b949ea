import type { Node } from "oxc-parser";
import type { Hash } from "../../kernel/index.ts";
import { type Analysis, analyseGraph } from "../analyse.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import { checkImports } from "../modules/origin.ts";
import { diagnose } from "../tasks/diagnose.ts";
import type { PythonPart } from "../tasks/python.ts";
import { buildBundle, type Built } from "./build.ts";
import { type BundleCache, type Ingredients, type Manifest, manifestOf } from "./cache.ts";
import { instrument } from "./instrument.ts";
import { unreachedStatements } from "./prune.ts";

/** What to bundle, and where to keep it. */
export interface MakeInput {
  readonly graph: ModuleGraph;
  readonly python: PythonPart | undefined;
  readonly cache: BundleCache;
  readonly id: Hash;
  readonly ingredients: Ingredients;
  readonly variant: "program" | "module" | "tasks";
}

/** Analyses and bundles a program, and keeps the bundle. */
export async function makeBundle({ graph, python, cache, id, ingredients, variant }: MakeInput): Promise<Manifest> {
  const file = cache.file(id);
  const packages = packagesOf(graph);
  if (variant === "module") {
    checkImports(graph);
    const built = await buildBundle({
      graph,
      file,
      definitions: [],
      withTasks: [],
      program: true,
      textOf: (module, specifier) => instrument(module, { tasks: [], specifier }),
    });
    return cache.keep({ ...ingredients, id, packages, diagnostics: [] }, built);
  }
  const analysis = analyseGraph(graph, python);
  const indexed = analysis.tasks.map((task, index) => ({ task, index }));
  const omit: readonly Node[] = variant === "tasks" ? unreachedStatements(analysis) : [];
  const built = await buildBundle({
    graph,
    file,
    definitions: analysis.definitions,
    withTasks: [...new Set(analysis.tasks.map((task) => task.module.path))],
    program: true,
    textOf: (module, specifier) =>
      instrument(module, {
        tasks: indexed.filter(({ task }) => task.module === module),
        specifier,
        omit: module === graph.entry ? omit : [],
      }),
  });
  return cache.keep({ ...ingredients, id, packages, diagnostics: diagnose(analysis) }, built);
}

/** A program as it goes to another machine. */
export interface PackedProgram {
  readonly manifest: Manifest;
  readonly built: Built;
  readonly analysis: Analysis;
}

/**
 * Makes a bundle that needs nothing but Node and Ligase where it runs.
 *
 * @param file - where it will lie there, if the project's folder were there
 */
export async function makePacked({
  graph,
  python,
  file,
  id,
  ingredients,
  tasksOnly,
}: Omit<MakeInput, "cache" | "variant"> & {
  readonly file: string;
  readonly tasksOnly: boolean;
}): Promise<PackedProgram> {
  const analysis = analyseGraph(graph, python);
  const indexed = analysis.tasks.map((task, index) => ({ task, index }));
  const omit: readonly Node[] = tasksOnly ? unreachedStatements(analysis) : [];
  const built = await buildBundle({
    graph,
    file,
    definitions: analysis.definitions,
    withTasks: [...new Set(analysis.tasks.map((task) => task.module.path))],
    program: true,
    packed: true,
    textOf: (module, specifier) =>
      instrument(module, {
        tasks: indexed.filter(({ task }) => task.module === module),
        specifier,
        omit: module === graph.entry ? omit : [],
      }),
  });
  const facts = { ...ingredients, id, packages: packagesOf(graph), diagnostics: diagnose(analysis) };
  return { manifest: manifestOf(facts, built), built, analysis };
}

function packagesOf(graph: ModuleGraph): { name: string; version: string }[] {
  const found = new Map<string, { name: string; version: string }>();
  for (const module of graph.modules.values()) {
    for (const target of module.targets.values()) {
      if (target.kind !== "package") continue;
      found.set(`${target.name}@${target.version}`, { name: target.name, version: target.version });
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
