import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { LigaseError, nearest, parseBytes } from "../kernel/index.ts";
import type { Config } from "./config.ts";

/** The file's name. */
export const CONFIG_FILE = "ligase.config.ts";

/** The configuration with every default in place, sizes in bytes and paths absolute. */
export interface Settings {
  readonly storeDir: string;
  readonly cpus: number | undefined;
  readonly memory: number | undefined;
  readonly gpus: number | undefined;
  readonly limits: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly keepWork: boolean;
  readonly minFreeDisk: number | undefined;
  readonly maxLogSize: number;
  /** The engine for tasks that name an image; none where they are refused. */
  readonly containerEngine: "host" | undefined;
  readonly stage: "symlink" | "reflink" | "copy";
}

const GIB = 2 ** 30;

/** How each setting is checked and brought into its unit. */
const READERS: { readonly [K in keyof Required<Config>]: (value: unknown) => NonNullable<Config[K]> } = {
  store: (value) => text(value),
  cpus: (value) => positive(value),
  memory: (value) => parseBytes(amount(value)),
  gpus: (value) => whole(value),
  limits: (value) => Object.fromEntries(Object.entries(record(value)).map(([name, each]) => [name, positive(each)])),
  retries: (value) => whole(value),
  keepWork: (value) => flag(value),
  minFreeDisk: (value) => parseBytes(amount(value)),
  maxLogSize: (value) => parseBytes(amount(value)),
  container: (value) => ({
    engine: choice((record(value) as { engine?: unknown }).engine, ["host"] as const),
  }),
  stage: (value) => choice(value, ["symlink", "reflink", "copy"] as const),
};

/** Environment variables and the settings they stand for. */
const VARIABLES: Readonly<Record<string, keyof Config>> = {
  LIGASE_STORE: "store",
  LIGASE_CPUS: "cpus",
  LIGASE_MEMORY: "memory",
  LIGASE_GPUS: "gpus",
  LIGASE_RETRIES: "retries",
  LIGASE_KEEP_WORK: "keepWork",
  LIGASE_MIN_FREE_DISK: "minFreeDisk",
  LIGASE_MAX_LOG_SIZE: "maxLogSize",
  LIGASE_STAGE: "stage",
};

/**
 * Reads the configuration of a project.
 *
 * @param root - the project's folder
 * @param load - imports a TypeScript file; only called when there is a config file
 * @param flags - what the command line says: it wins
 * @throws LigaseError `LIGASE_E_CONFIG`, naming the file or variable, the setting and the mend
 */
export async function readConfig(
  root: string,
  load: (file: string) => Promise<Readonly<Record<string, unknown>>>,
  environment: Readonly<Record<string, string | undefined>>,
  flags: Config = {},
): Promise<Settings> {
  const file = join(root, CONFIG_FILE);
  const read: Config = {};
  if (existsSync(file)) {
    const module = await load(file);
    const config = module["default"];
    if (typeof config !== "object" || config === null) {
      throw new LigaseError("LIGASE_E_CONFIG", `${CONFIG_FILE} has no default export`, {
        facts: { file },
        mend: "write: export default defineConfig({ … })",
      });
    }
    Object.assign(read, checked(config as Record<string, unknown>, CONFIG_FILE));
  }
  for (const [variable, setting] of Object.entries(VARIABLES)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") Object.assign(read, checked({ [setting]: value }, variable));
  }
  Object.assign(read, checked(flags, "the command line"));
  return {
    storeDir: resolve(root, read.store ?? ".ligase"),
    cpus: read.cpus,
    memory: read.memory as number | undefined,
    gpus: read.gpus,
    limits: read.limits ?? {},
    retries: read.retries ?? 0,
    keepWork: read.keepWork ?? false,
    minFreeDisk: read.minFreeDisk as number | undefined,
    maxLogSize: (read.maxLogSize as number | undefined) ?? GIB,
    containerEngine: read.container?.engine,
    stage: read.stage ?? "symlink",
  };
}

function checked(config: object, from: string): Config {
  const known = READERS as Record<string, (value: unknown) => unknown>;
  const read: Record<string, unknown> = {};
  for (const [setting, value] of Object.entries(config)) {
    if (value === undefined) continue;
    const reader = known[setting];
    if (!reader) {
      const near = nearest(setting, Object.keys(known));
      throw new LigaseError("LIGASE_E_CONFIG", `${from}: there is no setting ${setting}`, {
        facts: { from, setting },
        mend: near ? `did you mean ${near}?` : `the settings are ${Object.keys(known).join(", ")}`,
      });
    }
    try {
      read[setting] = reader(value);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new LigaseError("LIGASE_E_CONFIG", `${from}: ${setting}: ${message}`, {
        facts: { from, setting },
        ...(error instanceof LigaseError && error.mend !== undefined && { mend: error.mend }),
      });
    }
  }
  return read;
}

function refuse(value: unknown, wanted: string): never {
  throw new LigaseError("LIGASE_E_CONFIG", `${JSON.stringify(value)} is not ${wanted}`);
}
const text = (value: unknown): string => (typeof value === "string" && value !== "" ? value : refuse(value, "text"));
const amount = (value: unknown): string | number =>
  typeof value === "string" || typeof value === "number" ? value : refuse(value, "an amount");
const positive = (value: unknown): number => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && number > 0 ? number : refuse(value, "a number above 0");
};
const whole = (value: unknown): number => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 0
    ? number
    : refuse(value, "a whole number");
};
const flag = (value: unknown): boolean =>
  value === true || value === "1" || value === "true"
    ? true
    : value === false || value === "0" || value === "false"
      ? false
      : refuse(value, "true or false");
const record = (value: unknown): object =>
  typeof value === "object" && value !== null ? value : refuse(value, "an object");
const choice = <T extends string>(value: unknown, choices: readonly T[]): T =>
  choices.find((each) => each === value) ?? refuse(value, `one of ${choices.join(", ")}`);
