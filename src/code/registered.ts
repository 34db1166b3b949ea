import { realpathSync } from "node:fs";
import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setProjectDir } from "../files/location.ts";
import { installHooks } from "./bundle/hooks.ts";
import { announceBundle, openedProgram, registered, setRegistered } from "./bundle/open.ts";
import { bundleFor, locate, programOf } from "./load.ts";
import { projectPath } from "./modules/root.ts";
import type { Program } from "./types.ts";

/** Where Ligase's own programs are: its workers inherit `--import`, too. */
const LIGASE = fileURLToPath(new URL("../", import.meta.url));

/**
 * The program of this process when it was started as an ordinary one with `ligase/register`. Its
 * tasks are there as far as its modules have been evaluated. Its `bundle` holds what its tasks
 * need, without what the program itself does when it is started.
 */
export function registeredProgram(): Program | undefined {
  return registered();
}

/**
 * Takes the place of Node's own loading of a program: when its entry is imported, its bundle is
 * evaluated instead.
 */
export async function registerProgram(entry: string | undefined): Promise<void> {
  installHooks();
  const path = entry === undefined ? undefined : realpathSync(entry);
  // A tool started under the same NODE_OPTIONS is no program of ours.
  if (path === undefined || path.includes(`${sep}node_modules${sep}`) || path.startsWith(LIGASE)) return;
  const place = locate(path, {});
  setProjectDir(place.root);
  const [whole, tasks] = [await bundleFor(place, "program"), await bundleFor(place, "tasks")];
  const url = pathToFileURL(place.cache.file(whole.manifest.id)).href;
  announceBundle(url, place.root, projectPath(place.root, path));
  const started = pathToFileURL(path).href;
  registerHooks({
    load(requested, context, next) {
      if (requested !== started) return next(requested, context);
      return { format: "module", source: `export * from ${JSON.stringify(url)};`, shortCircuit: true };
    },
  });
  // Errors that nobody catches are printed by Node: with the user's own lines.
  process.setSourceMapsEnabled(true);
  const program = programOf(place, whole.manifest, new Map());
  const bundle = place.cache.file(tasks.manifest.id);
  setRegistered({
    ...program,
    bundle,
    get tasks() {
      return openedProgram(url)?.tasks ?? program.tasks;
    },
  });
}
