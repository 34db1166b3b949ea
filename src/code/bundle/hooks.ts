import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleRoot } from "./open.ts";

/** Marks the import of a package that another folder than the project's root would resolve otherwise. */
export const FROM = "?ligase-from=";

/** Is Ligase running from its sources? */
const SOURCES = import.meta.url.endsWith(".ts");

/** The module of this very Ligase behind `ligase`, `ligase/runtime`, …: one instance for all. */
export function ligaseUrl(specifier: string): string {
  const name = specifier === "ligase" ? "index" : specifier.slice("ligase/".length);
  return new URL(`../../${name}${SOURCES ? ".ts" : ".js"}`, import.meta.url).href;
}

let installed = false;

/**
 * Makes `ligase` this very Ligase for everything that is imported from now on, and lets a bundle,
 * which lies in a cache folder, import the packages of its project. Once for a process.
 */
export function installHooks(): void {
  if (installed) return;
  installed = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === "ligase" || specifier.startsWith("ligase/")) {
        return { url: ligaseUrl(specifier), shortCircuit: true };
      }
      const root = context.parentURL === undefined ? undefined : bundleRoot(context.parentURL);
      if (root === undefined || /^(\.|\/|node:|file:|data:)/.test(specifier)) return next(specifier, context);
      const [name = specifier, from = ""] = specifier.split(FROM);
      return next(name, { ...context, parentURL: pathToFileURL(join(root, from, "package.json")).href });
    },
  });
}
