/** What an executor takes for an hour of what a job asked for. What is not said is free. */
export interface Price {
  /** For one processor. */
  readonly cpuHour?: number;
  /** For a GiB of memory. */
  readonly memoryGiBHour?: number;
  /** For one GPU. */
  readonly gpuHour?: number;
}

/** What can be asked to run tasks that name an image. */
export const CONTAINER_ENGINES = ["auto", "sandbox", "podman", "docker", "host"] as const;

/** What runs tasks that name an image. */
export type ContainerEngine = (typeof CONTAINER_ENGINES)[number];

/**
 * What `ligase.config.ts`, or `ligase.config.json`, may say. Everything has a default.
 *
 * @example
 * ```ts
 * export default { memory: "32 GiB", limits: { ncbi: 3 }, profiles: { laptop: { cpus: 4 } } } satisfies Config;
 * ```
 */
export interface Config {
  /** Where the record, the work directories and the outputs lie, relative to the project; on a local disk. */
  readonly store?: string;
  /** How many processors local jobs may use in all. */
  readonly cpus?: number;
  /** How much memory local jobs may ask for in all: bytes, or text such as "16 GiB". */
  readonly memory?: number | string;
  /** How many GPUs local jobs may use. */
  readonly gpus?: number;
  /** The capacity of each named limit: `{ ncbi: 3 }`. A limit that is not named here is 1. */
  readonly limits?: Readonly<Record<string, number>>;
  /** How often a failed job is tried again when its task does not say. */
  readonly retries?: number;
  /** Keep the work directories of jobs that succeeded. */
  readonly keepWork?: boolean;
  /** Jobs wait while less than this is free on the disk: bytes, or text such as "10 GiB". */
  readonly minFreeDisk?: number | string;
  /** The most that is kept of one job's stdout and of its stderr: bytes, or text. */
  readonly maxLogSize?: number | string;
  /**
   * How tasks that name an image run: `"sandbox"`, `"podman"`, `"docker"`, `"auto"` (the first of these that works here),
   * or `"host"`: with the tools of this machine, from PATH. Or `{ engine, images }`: where built environments are kept.
   */
  readonly container?: ContainerEngine | { readonly engine?: ContainerEngine; readonly images?: string };
  /** How local jobs get their inputs: `"symlink"`, `"reflink"` (where the file system can) or `"copy"`. */
  readonly stage?: "symlink" | "reflink" | "copy";
  /** A URL, or several, that hears of the end of each run: a POST with JSON, which Slack, Teams and Discord show. */
  readonly notify?: string | readonly string[];
  /**
   * Where `ligase serve` listens (`host`, `port`), and how it is reached where something stands before it (`url`): links to
   * outputs begin so. `links` is how long they are good, such as `"7d"`. `cors` names the origins of pages that may call it,
   * `rateLimit` says how many requests a second a key may make, `webhooks` whether jobs may tell `"any"` address of their end,
   * or `"public"` ones alone, and `largestOutput` above which size (`"20 MB"`) a result is given as a link. A text alone is
   * the `url`.
   */
  readonly server?:
    | string
    | {
        readonly url?: string;
        readonly host?: string;
        readonly port?: number;
        readonly links?: string | number;
        readonly cors?: readonly string[];
        readonly rateLimit?: number;
        readonly webhooks?: "public" | "any";
        readonly largestOutput?: number | string;
      };
  /** What each executor takes for an hour of what jobs ask for, by its name: `{ process: { cpuHour: 0.04 } }`. */
  readonly prices?: Readonly<Record<string, Price>>;
  /** What the prices are in: `"USD"`. */
  readonly currency?: string;
  /** Settings by the name of a place or a purpose; those of the one that is chosen win over the others. */
  readonly profiles?: Readonly<Record<string, Omit<Config, "profiles">>>;
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
