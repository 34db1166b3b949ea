import { existsSync, realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { TaskImpl } from "../../expr/task.ts";
import { LigaseError } from "../../kernel/index.ts";
import { projectRoot } from "../modules/root.ts";
import { mapStack } from "../stack.ts";
import { installHooks } from "./hooks.ts";
import { announceBundle } from "./open.ts";

/** What a bundle exports: its tasks, and what its entry exports. */
export interface BundleModule {
  readonly tasks: ReadonlyMap<string, TaskImpl>;
  readonly [name: string]: unknown;
}

/**
 * Imports a bundle: in the process that made it, or in a worker. Importing it again gives the same
 * module.
 *
 * @param root the project's folder; by default the one that holds the bundle's `.ligase`
 * @throws what the user's modules throw when they are evaluated, with their own lines in its stack
 */
export async function importBundle(bundle: string, root: string = rootOfCache(bundle)): Promise<BundleModule> {
  installHooks();
  // Node takes modules by their real path; the bundle must find itself under the same one.
  const url = pathToFileURL(existsSync(bundle) ? realpathSync(bundle) : bundle).href;
  announceBundle(url, root);
  let module: unknown;
  try {
    module = await import(url);
  } catch (error) {
    if (error instanceof Error && error.stack !== undefined) error.stack = mapStack(error.stack);
    throw error;
  }
  if (!isBundle(module)) {
    throw new LigaseError("LIGASE_E_BUNDLE", `${basename(bundle)} is no bundle of Ligase`, { facts: { bundle } });
  }
  return module;
}

function isBundle(module: unknown): module is BundleModule {
  return typeof module === "object" && module !== null && "tasks" in module && module.tasks instanceof Map;
}

function rootOfCache(bundle: string): string {
  for (let at = dirname(bundle); dirname(at) !== at; at = dirname(at)) {
    if (basename(at) === ".ligase") return dirname(at);
  }
  return projectRoot(bundle);
}
