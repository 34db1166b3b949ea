import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onHost } from "./paths.ts";

/** What is installed, by manager and name. */
export type Packages = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * What is installed in a root file system, read from what the package managers keep there: dpkg, apk, pip and conda. Nothing
 * is run for it.
 */
export function readPackages(root: string): Packages {
  const found: Record<string, Record<string, string>> = {
    apt: Object.fromEntries([...readDpkg(root).values()].map(({ name, version }) => [name, version])),
    apk: readApk(root),
    pip: readPip(root),
    conda: readConda(root),
  };
  return Object.fromEntries(
    Object.entries(found)
      .filter(([, packages]) => Object.keys(packages).length > 0)
      .map(([manager, packages]) => [manager, sorted(packages)]),
  );
}

function sorted(packages: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function text(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function names(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The fields of a paragraph: `Package: bwa`. */
function field(paragraph: string, name: string): string {
  return new RegExp(`^${name}: *(.*)$`, "m").exec(paragraph)?.[1]?.trim() ?? "";
}

/** A Debian package that is installed. */
export interface DpkgPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** What dpkg has installed, by name. */
export function readDpkg(root: string): ReadonlyMap<string, DpkgPackage> {
  const packages = new Map<string, DpkgPackage>();
  for (const paragraph of text(onHost(root, "/var/lib/dpkg/status")).split("\n\n")) {
    if (!field(paragraph, "Status").endsWith(" installed")) continue;
    const name = field(paragraph, "Package");
    packages.set(name, { name, version: field(paragraph, "Version"), architecture: field(paragraph, "Architecture") });
  }
  return packages;
}

function readApk(root: string): Record<string, string> {
  const packages: Record<string, string> = {};
  for (const paragraph of text(onHost(root, "/lib/apk/db/installed")).split("\n\n")) {
    const name = /^P:(.*)$/m.exec(paragraph)?.[1];
    if (name !== undefined) packages[name] = /^V:(.*)$/m.exec(paragraph)?.[1] ?? "";
  }
  return packages;
}

/** Where Python keeps what pip installed: not Debian's own packages, which dpkg counts. */
function readPip(root: string): Record<string, string> {
  const packages: Record<string, string> = {};
  for (const prefix of ["/usr/local/lib", "/opt/conda/lib", "/usr/lib"]) {
    for (const python of names(onHost(root, prefix)).filter((name) => /^python3(\.\d+)?$/.test(name))) {
      for (const kind of ["dist-packages", "site-packages"]) {
        const folder = onHost(root, `${prefix}/${python}/${kind}`);
        for (const name of names(folder).filter((entry) => entry.endsWith(".dist-info"))) {
          const installer = text(join(folder, name, "INSTALLER")).trim();
          if (installer !== "pip" && !(installer === "" && prefix === "/usr/local/lib")) continue;
          const metadata = text(join(folder, name, "METADATA")).split("\n\n")[0] ?? "";
          packages[
            field(metadata, "Name")
              .toLowerCase()
              .replace(/[-_.]+/g, "-")
          ] = field(metadata, "Version");
        }
      }
    }
  }
  return packages;
}

function readConda(root: string): Record<string, string> {
  const packages: Record<string, string> = {};
  for (const prefix of ["/opt/conda", "/usr/local"]) {
    const folder = onHost(root, `${prefix}/conda-meta`);
    for (const file of names(folder).filter((name) => name.endsWith(".json"))) {
      const meta: unknown = JSON.parse(text(join(folder, file)));
      if (meta === null || typeof meta !== "object" || !("name" in meta) || !("version" in meta)) continue;
      packages[String(meta.name)] = `${String(meta.version)}${"build" in meta ? `=${String(meta.build)}` : ""}`;
    }
  }
  return packages;
}
