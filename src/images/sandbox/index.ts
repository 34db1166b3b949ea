/**
 * The sandbox: environments as root file systems in a folder, entered by bubblewrap in milliseconds, without a daemon and
 * without root.
 *
 * It must not know what runs in it.
 *
 * @module
 */
export { checkSandbox, type CheckSources } from "./check.ts";
export { createSandboxEngine, type SandboxOptions } from "./engine.ts";
