import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackageJson, PlacedPackage } from "./packages.ts";

/** An entry of a lock file of npm, version 3. */
type LockEntry = PackageJson & Readonly<Record<string, unknown>>;

/** What is known of packages from lock files that are there, by name and version. */
export class Locks {
  readonly #byName = new Map<string, LockEntry[]>();

  /** @param folders - those with a `package-lock.json`; what npm keeps of what it installed serves too */
  constructor(folders: readonly string[]) {
    for (const folder of folders) {
      for (const file of ["package-lock.json", "node_modules/.package-lock.json"]) this.#read(join(folder, file));
    }
  }

  find(name: string, version: string | undefined): LockEntry | undefined {
    return this.#byName.get(name)?.find((entry) => version === undefined || entry.version === version);
  }

  #read(file: string): void {
    let packages: Readonly<Record<string, LockEntry>> = {};
    try {
      packages = (JSON.parse(readFileSync(file, "utf8")) as { packages?: typeof packages }).packages ?? {};
    } catch {
      return; // Not every project has one.
    }
    for (const [location, entry] of Object.entries(packages)) {
      const name = location.slice(location.lastIndexOf("node_modules/") + "node_modules/".length);
      if (!location.includes("node_modules/") || entry["link"] === true) continue;
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), entry]);
    }
  }
}

/** Where a packed package lies, and its checksum as npm writes it. */
export interface Packed {
  readonly path: string;
  readonly integrity: string;
}

/**
 * The lock file of a bundle: with it `npm ci` installs just what ran, on another kind of machine too: the variants of
 * optional packages for other machines, which are not installed here, are in it.
 */
export function lockOf(json: PackageJson, packages: readonly PlacedPackage[], ligase: Packed, locks: Locks): object {
  const entries: Record<string, unknown> = { "": rootEntry(json) };
  const others: [name: string, version: string][] = [];
  for (const { location, json: own } of packages) {
    const { name = "", version } = own;
    const isLigase = location === "node_modules/ligase";
    const known = isLigase
      ? { resolved: `file:${ligase.path}`, integrity: ligase.integrity, ...needsOf(own) }
      : (locks.find(name, version) ?? needsOf(own));
    entries[location] = { version, ...withoutDev(known) };
    others.push(...Object.entries(own.optionalDependencies ?? {}));
  }
  for (let next = others.pop(); next; next = others.pop()) {
    const [name, version] = next;
    const at = `node_modules/${name}`;
    const other = at in entries ? undefined : (locks.find(name, version) ?? locks.find(name, undefined));
    if (!other) continue;
    entries[at] = { ...withoutDev(other), optional: true };
    others.push(...Object.entries({ ...other.dependencies, ...other.optionalDependencies }));
  }
  return { name: json.name, version: json.version, lockfileVersion: 3, requires: true, packages: sorted(entries) };
}

function rootEntry({ name, version, dependencies, engines }: PackageJson): object {
  return { name, version, dependencies, engines };
}

function needsOf(json: PackageJson): LockEntry {
  const { dependencies, optionalDependencies, peerDependencies, bin, engines, cpu, os, license } = json;
  return Object.fromEntries(
    Object.entries({ license, cpu, os, dependencies, optionalDependencies, peerDependencies, bin, engines }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** In a lock file of a checkout much is only for development; here nothing is. */
function withoutDev(entry: LockEntry): object {
  return Object.fromEntries(Object.entries(entry).filter(([field]) => field !== "dev" && field !== "devOptional"));
}

function sorted(entries: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
