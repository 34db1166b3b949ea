import { resolve } from "node:path";
import { readConfig, type Settings } from "../config/index.ts";
import type { LinkSettings } from "../files/links/index.ts";
import { findProject } from "../project/project.ts";
import { openStore } from "../store/index.ts";
import type { Store } from "../store/types.ts";
import type { Places } from "./stored-value.ts";

/** The record of a project, opened. */
export interface ProjectRecord extends Places {
  readonly store: Store;
  /** How its outputs are served, where that is set. */
  readonly server?: LinkSettings;
}

/**
 * Opens the store of the project around this folder, which must be there, for as long as `read` takes. It may be one
 * that can only be read, also while a run goes on in it.
 *
 * @param folder - of another store
 * @throws LigaseError what `readConfig` and `openStore` raise
 */
export async function withRecord<T>(
  folder: string | undefined,
  read: (record: ProjectRecord, settings: Settings) => Promise<T>,
): Promise<T> {
  const { root, settings } = await readSettings(folder);
  const { storeDir } = settings;
  const store = await openStore(storeDir, { create: false, acceptReadOnly: true });
  try {
    return await read({ root, storeDir, store, server: settings.server }, settings);
  } finally {
    await store.close();
  }
}

/**
 * The settings of the project around this folder, whether or not anything ran there.
 *
 * @param folder - of another store
 * @throws LigaseError what `readConfig` raises
 */
export async function readSettings(
  folder: string | undefined,
): Promise<{ readonly root: string; readonly settings: Settings }> {
  const root = findProject(process.cwd());
  const load = async (file: string) => {
    const { importModule } = await import("../code/index.ts");
    return importModule(file);
  };
  const flags = folder === undefined ? {} : { store: resolve(folder) };
  return { root, settings: await readConfig(root, load, { environment: process.env, flags }) };
}
