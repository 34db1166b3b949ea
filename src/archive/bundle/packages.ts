import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, matchesGlob } from "node:path";

/** What a `package.json` says, as far as it matters here. */
export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A package that goes along. */
export interface PlacedPackage {
  /** Where it goes: `node_modules/kysely`, or in the folder of the package that needs another version. */
  readonly location: string;
  /** Its folder on this machine. */
  readonly from: string;
  readonly json: PackageJson;
}

/** Reads the `package.json` of a folder; nothing where there is none. */
export function readPackage(folder: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;
  } catch {
    return undefined;
  }
}

/** The folder of a package as Node finds it from another one. */
export function findPackage(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) return realpathSync(folder);
    if (at === dirname(at)) return undefined;
  }
}

/**
 * Packages with all that they need, as installed here: each once where one version serves all, beside who needs it where
 * it does not. What is optional and not installed (programs for other machines) is left out.
 *
 * @param roots - the folders of the packages asked for
 */
export function packagesWithAll(roots: readonly string[]): readonly PlacedPackage[] {
  const placed = new Map<string, PlacedPackage>();
  const pending: [from: string, dependent: string | undefined][] = roots.map((root) => [root, undefined]);
  for (let next = pending.shift(); next; next = pending.shift()) {
    const [from, dependent] = next;
    const json = readPackage(from) ?? {};
    const name = json.name ?? "";
    const visible = lookUp(placed, name, dependent);
    if (visible?.from === from) continue;
    const location = visible ? `${dependent ?? ""}/node_modules/${name}` : `node_modules/${name}`;
    placed.set(location, { location, from, json });
    const needed = { ...json.dependencies, ...json.optionalDependencies, ...json.peerDependencies };
    for (const dependency of Object.keys(needed).sort()) {
      const folder = findPackage(dependency, from);
      if (folder !== undefined) pending.push([folder, location]);
    }
  }
  return [...placed.values()].sort((a, b) => (a.location < b.location ? -1 : 1));
}

/** The package that one at a location finds under a name. */
function lookUp(
  placed: ReadonlyMap<string, PlacedPackage>,
  name: string,
  from: string | undefined,
): PlacedPackage | undefined {
  for (let at = from; at !== undefined && at !== "";) {
    const found = placed.get(`${at}/node_modules/${name}`);
    if (found) return found;
    const up = at.lastIndexOf("/node_modules/");
    at = up === -1 ? undefined : at.slice(0, up);
  }
  return placed.get(`node_modules/${name}`);
}

/** What is for those who develop with a package, and not for running it. */
const NOT_RUN = /\.(?:d\.[cm]?ts|map|tsbuildinfo)$/;

/** The files of an installed package that are needed to run it, relative to its folder. */
export function filesOfPackage(folder: string, only?: readonly string[]): readonly string[] {
  const files: string[] = [];
  const folders = [""];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.name === "node_modules" || (only !== undefined && !isShipped(path, entry.isDirectory(), only)))
        continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && !NOT_RUN.test(entry.name)) files.push(path);
    }
  }
  return files.sort();
}

/**
 * Does a package ship a path, by the patterns of `files` in its `package.json`? `dist` stands for all in it, and a folder
 * counts where something in it does.
 */
function isShipped(path: string, isFolder: boolean, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    if (path === pattern || path.startsWith(`${pattern}/`)) return true;
    if (isFolder && pattern.startsWith(`${path}/`)) return true;
    return pattern.includes("*") && matchesGlob(path, pattern);
  });
}
