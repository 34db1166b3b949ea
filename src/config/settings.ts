import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { LigaseError, nearest } from "../kernel/index.ts";
import type { Config, ContainerEngine, Price } from "./config.ts";
import { type LoadModule, readConfigFile } from "./file.ts";
import { CONFIG, type Said, type Setting, SETTINGS } from "./table.ts";

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
  /** The engine for tasks that name an image. */
  readonly containerEngine: ContainerEngine;
  /** Where built environments are kept: absolute; shared by this user's projects. */
  readonly imagesDir: string;
  readonly stage: "symlink" | "reflink" | "copy";
  /** The URLs that hear of the end of a run. */
  readonly notify: readonly string[];
  /** How `ligase serve` is reached, and what it lets through; nothing where that is not said. */
  readonly server: {
    readonly url: string | undefined;
    readonly host: string | undefined;
    readonly port: number | undefined;
    /** How long links to outputs are good, in milliseconds. */
    readonly linksMs: number | undefined;
    /** Origins of pages that may call it. */
    readonly cors: readonly string[];
    /** Requests a second of one key; 0 for any number. */
    readonly rateLimit: number | undefined;
    /** Whom jobs may tell of their end. */
    readonly webhooks: "public" | "any";
    /** Bytes: a larger result of a job is given as a link. */
    readonly largestOutput: number | undefined;
  };
  /** What an hour costs, by executor; nothing for one that is not named. */
  readonly prices: Readonly<Record<string, Price>>;
  /** What the prices are in; empty where that is not said. */
  readonly currency: string;
}

/** Where a configuration comes from besides its file. */
export interface ConfigSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the command line says: it wins. */
  readonly flags?: Config;
  /** The profile that the command line names; else `LIGASE_PROFILE` in the environment does. */
  readonly profile?: string | undefined;
}

/** Who said what a setting is: weakest first. */
export type Origin = "default" | "file" | "profile" | "environment" | "flag";

/** A configuration, and where each part of it comes from. */
export interface ResolvedConfig {
  /** What is said, each setting in its unit; those that nobody spoke of are absent. */
  readonly said: Said;
  /** Who spoke last of those that are there. */
  readonly origins: Readonly<Record<string, Exclude<Origin, "default">>>;
  /** The config file: absolute. */
  readonly file: string | undefined;
  /** The profile that is in force. */
  readonly profile: string | undefined;
}

const PROFILE_VARIABLE = "LIGASE_PROFILE";
const COMMAND_LINE = "the command line";

/**
 * Reads the configuration of a project: its file, over it the profile that is chosen, over it the environment, over it
 * the flags. Settings that are objects (limits, prices) are joined name by name.
 *
 * @param root - the project's folder
 * @param load - imports a TypeScript file; only called when there is a config file
 * @throws LigaseError `LIGASE_E_CONFIG`, naming the file or variable, the setting and the mend; with `facts.exitCode`
 * 2 when it is the command line's
 */
export async function resolveConfig(
  root: string,
  load: LoadModule,
  { environment, flags = {}, profile: asked }: ConfigSources,
): Promise<ResolvedConfig> {
  const file = await readConfigFile(root, load);
  const { profiles = {}, ...common }: Said = file ? read(file.content, file.name) : {};
  const variable = environment[PROFILE_VARIABLE] || undefined;
  const profile = asked ?? variable;
  if (profile !== undefined && !Object.hasOwn(profiles, profile)) {
    throw noSuchProfile(
      profile,
      Object.keys(profiles),
      asked === undefined ? PROFILE_VARIABLE : "--profile",
      file?.name,
    );
  }
  const origins: Record<string, Exclude<Origin, "default">> = {};
  const said: Record<string, unknown> = {};
  const lay = (layer: Said, origin: Exclude<Origin, "default">): void => {
    for (const [name, value] of Object.entries(layer)) {
      said[name] = joined(said[name], value);
      origins[name] = origin;
    }
  };
  lay(common, "file");
  if (Object.keys(profiles).length > 0) lay({ profiles }, "file");
  if (profile !== undefined) lay(profiles[profile]!, "profile");
  for (const [name, { variable: its }] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const value = its === undefined ? undefined : environment[its];
    if (its !== undefined && value) lay(read({ [name]: value }, its), "environment");
  }
  lay(read(flags, COMMAND_LINE), "flag");
  return { said, origins, file: file?.path, profile };
}

/**
 * The same with every default in place.
 *
 * @throws LigaseError what {@link resolveConfig} raises
 */
export async function readConfig(root: string, load: LoadModule, sources: ConfigSources): Promise<Settings> {
  return settingsOf(root, (await resolveConfig(root, load, sources)).said, sources.environment);
}

/** Built environments are large, and the same for all projects of a user. */
function imagesFolder(environment: ConfigSources["environment"]): string {
  const { LIGASE_IMAGES: images, XDG_CACHE_HOME: cache } = environment;
  return images ? resolve(images) : join(cache || join(homedir(), ".cache"), "ligase", "images");
}

function settingsOf(root: string, said: Said, environment: ConfigSources["environment"]): Settings {
  return {
    storeDir: resolve(root, said.store ?? SETTINGS.store.preset),
    cpus: said.cpus,
    memory: said.memory,
    gpus: said.gpus,
    limits: said.limits ?? SETTINGS.limits.preset,
    retries: said.retries ?? SETTINGS.retries.preset,
    keepWork: said.keepWork ?? SETTINGS.keepWork.preset,
    minFreeDisk: said.minFreeDisk,
    maxLogSize: said.maxLogSize ?? SETTINGS.maxLogSize.preset,
    containerEngine: said.container?.engine ?? "auto",
    imagesDir: said.container?.images === undefined ? imagesFolder(environment) : resolve(root, said.container.images),
    stage: said.stage ?? SETTINGS.stage.preset,
    notify: said.notify ?? SETTINGS.notify.preset,
    server: {
      url: said.server?.url,
      host: said.server?.host,
      port: said.server?.port,
      linksMs: said.server?.links,
      cors: said.server?.cors ?? [],
      rateLimit: said.server?.rateLimit,
      webhooks: said.server?.webhooks ?? "public",
      largestOutput: said.server?.largestOutput,
    },
    prices: said.prices ?? SETTINGS.prices.preset,
    currency: said.currency ?? "",
  };
}

/** Reads what one source says. Its name comes first in what is wrong with it. */
function read(content: object, from: string): Said {
  try {
    return CONFIG.read(content, "");
  } catch (error) {
    if (!(error instanceof LigaseError)) throw error;
    const message = from === COMMAND_LINE ? asFlag(error.message) : `${from}: ${error.message}`;
    throw new LigaseError("LIGASE_E_CONFIG", message, {
      facts: { ...error.facts, from, ...(from === COMMAND_LINE && { exitCode: 2 }) },
      ...(error.mend !== undefined && { mend: error.mend }),
    });
  }
}

function noSuchProfile(name: string, known: readonly string[], from: string, file = "ligase.config.ts"): LigaseError {
  const near = nearest(name, known);
  return new LigaseError("LIGASE_E_CONFIG", `${from}: there is no profile ${name} in ${file}`, {
    facts: { from, profile: name, known, ...(from === "--profile" && { exitCode: 2 }) },
    mend:
      near !== undefined
        ? `did you mean ${near}?`
        : known.length > 0
          ? `there are ${known.join(", ")}`
          : `write it: profiles: { ${/^[a-z]\w*$/i.test(name) ? name : JSON.stringify(name)}: { cpus: 64 } }`,
  });
}

function joined(before: unknown, value: unknown): unknown {
  return isRecord(before) && isRecord(value) ? { ...before, ...value } : value;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `keepWork: …` as people wrote it: `--keep-work: …`. */
function asFlag(message: string): string {
  return `--${message.replace(/^\w+/, (name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))}`;
}
