import { readFileSync } from "node:fs";
import { dirname, extname, relative } from "node:path";
import type { BuildFailure, Loader, Message, Plugin } from "esbuild";
import type { TaskDefinition } from "../../expr/definition.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { codeFrame } from "../syntax/position.ts";
import { FROM } from "./hooks.ts";
import { PROGRAM_MODULE } from "./instrument.ts";
import { packDefinitions } from "./pack.ts";
import { nativePackage, PACKED, packagesPlugin } from "./packages.ts";

/** What a bundle is made of. */
export interface BundleInput {
  readonly graph: ModuleGraph;
  /** The instrumented text of a module. */
  readonly textOf: (module: SourceModule, specifier: (specifier: string) => string) => string;
  readonly definitions: readonly TaskDefinition[];
  /** The modules that have tasks. */
  readonly withTasks: readonly string[];
  /** Where the bundle will lie: its source map is relative to it. */
  readonly file: string;
  /** `false`: a module for itself, without tasks (a config). */
  readonly program: boolean;
  /** Does it go to another machine, with the packages it uses inside? */
  readonly packed?: boolean;
}

/** A bundle and its source map. */
export interface Built {
  readonly code: string;
  readonly map: string;
}

const ENTRY = "ligase:entry";
const DEFINITIONS = '"ligase:definitions"';
const TEXT = new Set(
  ".txt .md .sql .sh .bash .py .r .R .awk .pl .tsv .csv .bed .yaml .yml .toml .html .css .svg .xml".split(" "),
);

/** Bundles a program with esbuild, which is loaded here and only here: 12 ms, and a process of its own. */
export async function buildBundle(input: BundleInput): Promise<Built> {
  const esbuild = await import("esbuild");
  try {
    const result = await esbuild.build({
      entryPoints: [ENTRY],
      outfile: input.file,
      absWorkingDir: input.graph.root,
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node24",
      sourcemap: "linked",
      charset: "utf8",
      logLevel: "silent",
      legalComments: "none",
      // A workspace package that says it has no side effects has tasks all the same.
      ignoreAnnotations: true,
      ...(input.packed && PACKED),
      plugins: [...(input.packed ? [packagesPlugin(input.graph)] : []), modulesPlugin(input)],
    });
    const of = (end: string) => result.outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
    // Put in afterwards: esbuild would carry the text into the source map.
    const code = of(".mjs").replace(DEFINITIONS, () => literal(JSON.stringify(packDefinitions(input.definitions))));
    return { code, map: of(".map") };
  } catch (error) {
    throw isFailure(error) ? (nativePackage(error.errors) ?? bundleError(error.errors[0], input.graph)) : error;
  }
}

/**
 * Gives esbuild what the module graph has read, and nothing else. Imports of project files are
 * written as absolute paths and resolved by esbuild itself, because it applies a tsconfig
 * (decorators, class fields) only to files that it resolved.
 */
function modulesPlugin({ graph, textOf, program, withTasks, packed = false }: BundleInput): Plugin {
  return {
    name: "ligase",
    setup(build) {
      build.onResolve({ filter: /^ligase:/ }, ({ path }) => ({ path, namespace: "ligase", sideEffects: true }));
      if (!packed) build.onResolve({ filter: /^[^/]/ }, ({ path }) => ({ path, external: true }));
      build.onLoad({ filter: /.*/, namespace: "ligase" }, ({ path }) => ({
        contents: path === ENTRY ? entryText(graph, program, withTasks) : programText(),
        resolveDir: graph.root,
        loader: "js",
      }));
      build.onLoad({ filter: /.*/ }, ({ path, with: attributes }) => {
        const module = graph.modules.get(path);
        const specifier = (one: string): string => (module ? written(graph, module, one, packed) : one);
        if (module) return { contents: textOf(module, specifier), loader: loaderOf(path) };
        // Of a package: as everybody reads it.
        if (packed && !graph.assets.has(path)) return undefined;
        return { contents: readFileSync(path), loader: assetLoader(path, attributes["type"]) };
      });
    },
  };
}

function entryText({ entry }: ModuleGraph, program: boolean, withTasks: readonly string[]): string {
  const path = JSON.stringify(entry.path);
  return [
    program ? `export { tasks } from "${PROGRAM_MODULE}";` : "",
    `export * from ${path};`,
    entry.exports.has("default") ? `export { default } from ${path};` : "",
    // Those that are only reached by import() would be evaluated too late for their tasks.
    ...withTasks.map((one) => `import ${JSON.stringify(one)};`),
  ].join("\n");
}

function programText(): string {
  // JSON.parse of a literal: twice as fast as the same object written as code.
  return [
    `import { openProgram } from "ligase/runtime";`,
    `export const { tasks, handle, meta } = openProgram(import.meta.url, JSON.parse(${DEFINITIONS}));`,
  ].join("\n");
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** How an import is written in the bundle. */
function written(graph: ModuleGraph, module: SourceModule, specifier: string, packed: boolean): string {
  const target = module.targets.get(specifier);
  if (target?.kind === "source" || target?.kind === "asset") return target.path;
  if (target?.kind === "ligase") return target.specifier;
  if (target?.kind !== "package") return specifier;
  if (packed) return target.path;
  const fromRoot = graph.resolver.resolve(`${graph.root}/package.json`, specifier);
  if (fromRoot.kind === "package" && fromRoot.path === target.path) return specifier;
  return `${specifier}${FROM}${relative(graph.root, dirname(module.path)).replaceAll("\\", "/")}`;
}

function loaderOf(path: string): Loader {
  return /\.(tsx|jsx)$/.test(path) ? "tsx" : /\.[cm]?js$/.test(path) ? "js" : "ts";
}

function assetLoader(path: string, type: string | undefined): Loader {
  if (type === "json") return "json";
  if (type === "text") return "text";
  if (type === "bytes") return "binary";
  const extension = extname(path);
  if (extension === ".json") return "json";
  return TEXT.has(extension) ? "text" : "binary";
}

function isFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function bundleError(message: Message | undefined, graph: ModuleGraph): LigaseError {
  const text = message?.text ?? "the bundle failed";
  const location = message?.location;
  if (!location) return new LigaseError("LIGASE_E_BUNDLE", text);
  const module = [...graph.modules.values()].find((one) => one.path.endsWith(location.file.replace(/^(\.\.\/)+/, "")));
  const position = { line: location.line, column: location.column + 1 };
  const file = module?.id ?? location.file;
  const frame = module ? `\n${codeFrame(module.source, position)}` : "";
  const note = message.notes[0]?.text;
  return new LigaseError("LIGASE_E_SYNTAX", `${file}:${position.line}:${position.column}: ${text}${frame}`, {
    ...(note !== undefined && { mend: note }),
    facts: { file, ...position },
  });
}
