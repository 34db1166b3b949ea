import { posix } from "node:path";
import type { ModuleGraph } from "./graph.ts";
import { targetKey } from "./inline.ts";
import type { SourceModule, Target } from "./module.ts";
import { parseModule } from "./parse.ts";
import { isPath, Resolver } from "./resolve.ts";

const ENDINGS = ["", ".ts", ".mts", ".js", ".mjs", "/index.ts", "/index.js"];

/**
 * The modules of a program from their recorded texts, when the files may have changed since, or be gone. Imports by
 * path lead to each other; where packages and aliases lead is not known.
 *
 * @param texts - by path, relative to the project
 * @param entry - one of these paths
 * @throws LigaseError `LIGASE_E_SYNTAX`, `LIGASE_E_UNSUPPORTED_SYNTAX`
 */
export function recordedGraph(texts: ReadonlyMap<string, string>, entry: string): ModuleGraph | undefined {
  const modules = new Map<string, SourceModule>();
  for (const [path, text] of texts) {
    const module = parseModule(path, path, text);
    modules.set(path, module);
    for (const request of module.requests) {
      const target = targetOf(path, request.specifier, texts);
      if (target) module.targets.set(targetKey(request), target);
    }
  }
  const first = modules.get(entry);
  if (!first) return undefined;
  return {
    root: "",
    entry: first,
    modules,
    assets: new Map(),
    resolver: new Resolver(),
    typesOf: (path) => modules.get(path),
  };
}

function targetOf(importer: string, specifier: string, texts: ReadonlyMap<string, string>): Target | undefined {
  if (/^ligase(\/|$)/.test(specifier)) return { kind: "ligase", specifier };
  if (!isPath(specifier)) return undefined;
  const path = posix.join(posix.dirname(importer), specifier);
  const stem = path.replace(/\.([cm]?)js$/, ".$1ts");
  const found = [...ENDINGS.map((end) => path + end), stem].find((each) => texts.has(each));
  return found === undefined ? undefined : { kind: "source", path: found };
}
