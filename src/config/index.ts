/**
 * The configuration of a project: what `ligase.config.ts` says, over it the environment
 * (`LIGASE_…`), over that the flags of a command. It knows nothing of what the settings do.
 *
 * @module
 */
export { type Config, defineConfig } from "./config.ts";
export { CONFIG_FILE, readConfig, type Settings } from "./settings.ts";
