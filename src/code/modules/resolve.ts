import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ResolverFactory } from "oxc-resolver";
import type { Target } from "./module.ts";

const SOURCE = new Set([".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx", ".cts", ".cjs"]);

/** Where this Ligase lies: a program in its own repository may import it by path. */
const LIGASE = fileURLToPath(new URL("../../", import.meta.url));

function ligaseSpecifier(path: string): string {
  const name = path.slice(LIGASE.length, -extname(path).length).split(sep).join("/");
  return name === "index" ? "ligase" : `ligase/${name}`;
}

/** Finds where imports lead: path aliases of the nearest tsconfig, workspaces, npm packages, Node. */
export class Resolver {
  readonly #resolver = new ResolverFactory({
    tsconfig: "auto",
    conditionNames: ["node", "import", "module-sync"],
    extensions: [".ts", ".mts", ".tsx", ".js", ".mjs", ".json"],
    extensionAlias: {
      ".js": [".ts", ".tsx", ".js"],
      ".mjs": [".mts", ".mjs"],
      ".cjs": [".cts", ".cjs"],
      ".jsx": [".tsx", ".jsx"],
    },
    mainFields: ["main"],
    symlinks: true,
  });
  readonly #versions = new Map<string, { name: string; version: string }>();

  /** Where an import of a module leads, or the reason why nowhere. */
  resolve(importer: string, specifier: string): Target | { readonly kind: "missing"; readonly reason: string } {
    if (specifier === "ligase" || specifier.startsWith("ligase/")) return { kind: "ligase", specifier };
    if (isBuiltin(specifier)) return { kind: "builtin", name: specifier.replace(/^node:/, "") };
    const found = this.#resolver.resolveFileSync(importer, specifier);
    if (found.path === undefined) return { kind: "missing", reason: found.error ?? "not found" };
    const path = found.path.replace(/\?.*$/, "");
    if (path.startsWith(LIGASE)) return { kind: "ligase", specifier: ligaseSpecifier(path) };
    // A path leads to a file of the same project, even of one that lies in node_modules itself.
    if (!isPath(specifier) && path.includes(`${sep}node_modules${sep}`))
      return { kind: "package", ...this.#package(path), path };
    return { kind: SOURCE.has(extname(path)) && !path.endsWith(".d.ts") ? "source" : "asset", path };
  }

  /** Name and version in the nearest package.json that has both. */
  #package(path: string): { name: string; version: string } {
    const folder = dirname(path);
    const known = this.#versions.get(folder);
    if (known) return known;
    let found = { name: "unknown", version: "0.0.0" };
    for (let at = folder; ; at = dirname(at)) {
      const file = join(at, "package.json");
      if (existsSync(file)) {
        const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
        if (hasVersion(manifest)) {
          found = { name: manifest.name, version: manifest.version };
          break;
        }
      }
      if (dirname(at) === at || at.endsWith(`${sep}node_modules`)) break;
    }
    this.#versions.set(folder, found);
    return found;
  }
}

function hasVersion(manifest: unknown): manifest is { readonly name: string; readonly version: string } {
  if (typeof manifest !== "object" || manifest === null) return false;
  const { name, version } = manifest as { name?: unknown; version?: unknown };
  return typeof name === "string" && typeof version === "string";
}

/** Is it the path of a file, rather than the name of a package? */
export function isPath(specifier: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}$)/.test(specifier);
}
