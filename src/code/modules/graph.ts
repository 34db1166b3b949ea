import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { hashText, LigaseError, nearest, type Hash } from "../../kernel/index.ts";
import { positionAt, sourceError } from "../syntax/position.ts";
import { targetKey } from "./inline.ts";
import type { Request, SourceModule, Target } from "./module.ts";
import { parseModule } from "./parse.ts";
import { isPath, Resolver } from "./resolve.ts";
import { projectPath } from "./root.ts";

/** The modules that an entry reaches. */
export interface ModuleGraph {
  readonly root: string;
  readonly entry: SourceModule;
  /** By absolute path, in the order in which they were reached. */
  readonly modules: ReadonlyMap<string, SourceModule>;
  /** Content hashes of imported files that are not code, by absolute path. */
  readonly assets: ReadonlyMap<string, Hash>;
  readonly resolver: Resolver;
  /** A module that is only needed for its types; read on demand, not part of the program. */
  typesOf(path: string): SourceModule | undefined;
}

/**
 * Reads the modules that an entry reaches.
 *
 * @throws LIGASE_E_NO_FILE, LIGASE_E_SYNTAX, LIGASE_E_UNRESOLVED_IMPORT, LIGASE_E_NO_EXPORT and what
 * {@link parseModule} refuses
 */
export function readGraph(entry: string, root: string): ModuleGraph {
  const resolver = new Resolver();
  const modules = new Map<string, SourceModule>();
  const assets = new Map<string, Hash>();
  const types = new Map<string, SourceModule | undefined>();
  const queue = [entry];
  for (const path of queue) {
    if (modules.has(path)) continue;
    const module = parseModule(path, projectPath(root, path), readText(path, root));
    modules.set(path, module);
    for (const request of module.requests) {
      const target = resolveRequest(resolver, module, request);
      if (target === undefined) continue;
      module.targets.set(targetKey(request), target);
      if (target.kind === "source") queue.push(target.path);
      else if (target.kind === "asset" && !assets.has(target.path)) {
        assets.set(target.path, hashText(readFileSync(target.path, "latin1")));
      }
    }
  }
  const graph: ModuleGraph = {
    root,
    entry: modules.get(entry)!,
    modules,
    assets,
    resolver,
    typesOf(path) {
      const known = modules.get(path);
      if (known) return known;
      if (!types.has(path)) {
        let module: SourceModule | undefined;
        try {
          module = parseModule(path, projectPath(root, path), readText(path, root));
        } catch {
          module = undefined; // types that cannot be read are unknown, no more
        }
        types.set(path, module);
      }
      return types.get(path);
    },
  };
  return graph;
}

function readText(path: string, root: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new LigaseError("LIGASE_E_NO_FILE", `${projectPath(root, path)} cannot be read`, {
      facts: { path },
      mend: "check the path",
      cause,
    });
  }
}

function resolveRequest(resolver: Resolver, module: SourceModule, request: Request): Target | undefined {
  const { specifier } = request;
  if (request.how === "url") {
    const path = resolve(dirname(module.path), specifier);
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? { kind: "asset", path } : undefined;
  }
  const target = resolver.resolve(module.path, specifier);
  if (target.kind === "missing") {
    // A package that may be missing: `await import("optional").catch(…)`.
    if ((request.how === "dynamic" || request.how === "require") && !isPath(specifier)) return undefined;
    throw sourceError("LIGASE_E_UNRESOLVED_IMPORT", `cannot find "${specifier}"`, module, request.node.start, {
      mend: mendMissing(specifier, target.reason),
      facts: { specifier, reason: target.reason },
    });
  }
  if (target.kind === "source" && [".cjs", ".cts"].includes(extname(target.path))) {
    throw sourceError("LIGASE_E_REQUIRE", `"${specifier}" is a CommonJS module`, module, request.node.start, {
      mend: "rename it to .ts or .mjs and write `import` and `export`",
    });
  }
  return target;
}

function mendMissing(specifier: string, reason: string): string {
  // A broken tsconfig makes every import fail.
  if (/tsconfig/i.test(reason)) return `correct the tsconfig: ${reason}`;
  if (isPath(specifier)) return "check the path of the file, and its spelling";
  if (specifier.startsWith("#")) return "check the `imports` of package.json";
  return `npm install ${packageName(specifier)}`;
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** An error for a name that a module of the project does not export. */
export function noExport(from: SourceModule, node: { start: number }, target: SourceModule, name: string): LigaseError {
  const near = nearest(name, target.exports.keys());
  const { line } = positionAt(from.source, node.start);
  return sourceError("LIGASE_E_NO_EXPORT", `${target.id} does not export "${name}"`, from, node.start, {
    mend: near === undefined ? `export it there, or correct line ${line}` : `did you mean "${near}"?`,
    facts: { name, module: target.id },
  });
}
