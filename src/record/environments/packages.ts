import type { SettledLayer } from "../../images/index.ts";
import { packageName } from "./definition.ts";
import type { EnvironmentFacts, PackageChange, Packages } from "./types.ts";

/** A package that a definition names, with what was installed of it. */
export interface NamedPackage {
  readonly manager: string;
  readonly name: string;
  /** Nothing where it is not known. */
  readonly version: string | undefined;
}

/** The packages that a definition names, in its order. */
export function namedPackages({ layers, packages }: Pick<EnvironmentFacts, "layers" | "packages">): NamedPackage[] {
  const found = new Map<string, NamedPackage>();
  for (const layer of layers) {
    for (const [manager, texts] of asked(layer)) {
      for (const text of texts) {
        const name = packageName(text);
        const version = versionOf(packages, manager, name);
        if (!found.has(`${manager} ${name}`)) found.set(`${manager} ${name}`, { manager, name, version });
      }
    }
  }
  return [...found.values()];
}

function asked(layer: SettledLayer): readonly (readonly [string, readonly string[]])[] {
  if ("apt" in layer) return [["apt", layer.apt]];
  if ("pip" in layer) return [["pip", layer.pip]];
  if ("conda" in layer) return [["conda", layer.conda]];
  if ("python" in layer) return [["apt", ["python3"]]];
  if (!("requirements" in layer)) return [];
  const lines = layer.requirements.split("\n").map((line) => line.trim());
  return [["pip", lines.filter((line) => /^[A-Za-z0-9]/.test(line))]];
}

function versionOf(packages: Packages, manager: string, name: string): string | undefined {
  const key = keyOf(manager, name);
  const versions = packages[manager];
  return versions && Object.hasOwn(versions, key) ? versions[key] : undefined;
}

/** The packages of which two environments have other versions, or one has none; those first that a definition names. */
export function comparePackages(before: EnvironmentFacts, after: EnvironmentFacts): readonly PackageChange[] {
  const [was, is] = [before.packages, after.packages];
  // Of the tools of a machine, and of what was never built, no packages are known: that is no difference.
  if (Object.keys(was).length === 0 || Object.keys(is).length === 0) return [];
  const names = new Set(
    [before, after].flatMap((each) =>
      namedPackages(each).map(({ manager, name }) => `${manager} ${keyOf(manager, name)}`),
    ),
  );
  const changes: PackageChange[] = [];
  for (const manager of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [a, b] = [was[manager] ?? {}, is[manager] ?? {}];
    for (const name of [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted()) {
      if (a[name] === b[name]) continue;
      changes.push({ manager, name, before: a[name], after: b[name], named: names.has(`${manager} ${name}`) });
    }
  }
  const order = (change: PackageChange): number =>
    change.named ? 0 : change.before !== undefined && change.after !== undefined ? 1 : 2;
  return changes.toSorted((a, b) => order(a) - order(b));
}

/** pip's names are written in more than one way. */
const keyOf = (manager: string, name: string): string =>
  manager === "pip" ? name.toLowerCase().replaceAll(/[-_.]+/g, "-") : name;
