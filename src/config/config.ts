/**
 * What `ligase.config.ts` may say. Everything has a default.
 */
export interface Config {
  /** Where the record, the work directories and the outputs lie. Default `.ligase`, relative to the project. */
  readonly store?: string;
  /** How many processors local jobs may use in all. Default: those of the machine. */
  readonly cpus?: number;
  /** How much memory local jobs may ask for in all: bytes, or text such as "16 GiB". Default: 90 % of the machine's. */
  readonly memory?: number | string;
  /** How many GPUs local jobs may use. Default: those found. */
  readonly gpus?: number;
  /** The capacity of each named limit: `{ ncbi: 3 }`. A limit that is not named here is 1. */
  readonly limits?: Readonly<Record<string, number>>;
  /** How often a failed job is tried again when its task does not say. Default 0. */
  readonly retries?: number;
  /** Keep the work directories of jobs that succeeded. Default false. */
  readonly keepWork?: boolean;
  /** Jobs wait while less than this is free on the disk: bytes, or text such as "10 GiB". Default 1 GiB, or 5 % of the disk where that is less. */
  readonly minFreeDisk?: number | string;
  /** The most that is kept of one job's stdout and of its stderr: bytes, or text. Default 1 GiB. */
  readonly maxLogSize?: number | string;
  /**
   * How tasks that name an image run. `"host"`: with the tools of this machine, from PATH; the
   * image's definition still counts in the cache key. Without it they are refused.
   */
  readonly container?: { readonly engine: "host" };
  /** How local jobs get their inputs: `"symlink"` (the default), `"reflink"` (where the file system can) or `"copy"`. */
  readonly stage?: "symlink" | "reflink" | "copy";
}

/**
 * Gives the configuration its type, so that an editor completes it.
 *
 * @example
 * ```ts
 * // ligase.config.ts
 * import { defineConfig } from "ligase";
 *
 * export default defineConfig({ memory: "32 GiB", limits: { ncbi: 3 } });
 * ```
 */
export function defineConfig(config: Config): Config {
  return config;
}
