/**
 * The configuration of a project: what `ligase.config.ts` (or `.json`) says, over it a profile of it, over that the
 * environment (`LIGASE_…`), over that the flags of a command. It knows nothing of what the settings do.
 *
 * @module
 */
export { type Config, CONTAINER_ENGINES, type ContainerEngine, defineConfig, type Price } from "./config.ts";
export { CONFIG_FILES } from "./file.ts";
export { configSchema } from "./schema.ts";
export {
  type ConfigSources,
  type Origin,
  readConfig,
  resolveConfig,
  type ResolvedConfig,
  type Settings,
} from "./settings.ts";
export { type Setting, SETTINGS } from "./table.ts";
