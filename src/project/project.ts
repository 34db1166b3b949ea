import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Config, CONFIG_FILES, readConfig, type Settings } from "../config/index.ts";
import { LigaseError } from "../kernel/index.ts";
import { openStore } from "../store/index.ts";
import type { Store } from "../store/types.ts";
import { setStoreDir } from "../volumes/place.ts";

/** What marks a project's folder, strongest first. */
const MARKS = [...CONFIG_FILES, ".ligase", "package.json", "pyproject.toml", ".git"];

/** A project, opened. */
export interface Project {
  /** Absolute path of its folder. */
  readonly root: string;
  readonly settings: Settings;
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * The folder of the project that a place belongs to: the nearest one above it that has a
 * `ligase.config.ts` (or `.json`), a `.ligase`, a `package.json`, a `pyproject.toml` or a `.git`; otherwise the place itself.
 */
export function findProject(from: string): string {
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    if (MARKS.some((mark) => existsSync(join(dir, mark)))) return dir;
    if (dir === dirname(dir)) return resolve(from);
  }
}

/**
 * Opens a project: reads its configuration and opens its store, which is made if it is not there.
 *
 * @param flags - what the command line says over the configuration
 * @param profile - of the configuration; else `LIGASE_PROFILE` in the environment names one
 * @throws LigaseError what `readConfig` and `openStore` raise
 */
export async function openProject(root: string, flags: Config = {}, profile?: string): Promise<Project> {
  const settings = await settingsOf(root, flags, profile);
  const store = await openStore(settings.storeDir);
  return { root, settings, store, close: () => store.close() };
}

/**
 * Opens a project to look at it: its store may be one that can only be read, and where there is none, an empty one takes
 * its place.
 *
 * @throws LigaseError as {@link openProject}
 */
export async function openProjectToRead(root: string, flags: Config = {}, profile?: string): Promise<Project> {
  const settings = await settingsOf(root, flags, profile);
  const store = await openStore(settings.storeDir, { create: false, acceptReadOnly: true }).catch((error: unknown) => {
    if (error instanceof LigaseError && error.code === "LIGASE_E_NO_STORE") return openStore(":memory:");
    throw error;
  });
  return { root, settings, store, close: () => store.close() };
}

async function settingsOf(root: string, flags: Config, profile: string | undefined): Promise<Settings> {
  const load = async (file: string) => {
    const { importModule } = await import("../code/index.ts");
    return importModule(file, join(root, ".ligase", "code"));
  };
  const settings = await readConfig(root, load, { environment: process.env, flags, profile });
  // Files in volumes were named by modules that were evaluated before.
  setStoreDir(settings.storeDir);
  return settings;
}
