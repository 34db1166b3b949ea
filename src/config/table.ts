import { type Config, CONTAINER_ENGINES } from "./config.ts";
import {
  amount,
  bytes,
  duration,
  fields,
  flag,
  type Kind,
  oneOf,
  orFields,
  origins,
  positive,
  record,
  text,
  url,
  urls,
  whole,
} from "./kinds.ts";

/** Everything there is to know of a setting. What checks it, its schema and its documentation are made of this. */
export interface Setting<T> {
  /** What it says, as its comment in `Config` has it. */
  readonly doc: string;
  readonly kind: Kind<T>;
  /** The environment variable that stands for it. */
  readonly variable?: string;
  /** What holds where nobody says anything. */
  readonly preset?: T;
  /** The same in words, where it is no value that reads well. */
  readonly otherwise?: string;
}

function setting<T>(row: Setting<T> & { readonly preset: T }): Setting<T> & { readonly preset: T };
function setting<T>(row: Setting<T>): Setting<T>;
function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}

const COMMON = {
  store: setting({
    doc: "Where the record, the work directories and the outputs lie, relative to the project; on a local disk.",
    kind: text,
    variable: "LIGASE_STORE",
    preset: ".ligase",
    otherwise: ".ligase",
  }),
  cpus: setting({
    doc: "How many processors local jobs may use in all.",
    kind: positive,
    variable: "LIGASE_CPUS",
    otherwise: "those of the machine",
  }),
  memory: setting({
    doc: 'How much memory local jobs may ask for in all: bytes, or text such as "16 GiB".',
    kind: bytes,
    variable: "LIGASE_MEMORY",
    otherwise: "90 % of the machine's",
  }),
  gpus: setting({
    doc: "How many GPUs local jobs may use.",
    kind: whole,
    variable: "LIGASE_GPUS",
    otherwise: "those found",
  }),
  limits: setting({
    doc: "The capacity of each named limit: `{ ncbi: 3 }`. A limit that is not named here is 1.",
    kind: record(positive),
    preset: {},
    otherwise: "1 each",
  }),
  retries: setting({
    doc: "How often a failed job is tried again when its task does not say.",
    kind: whole,
    variable: "LIGASE_RETRIES",
    preset: 0,
  }),
  keepWork: setting({
    doc: "Keep the work directories of jobs that succeeded.",
    kind: flag,
    variable: "LIGASE_KEEP_WORK",
    preset: false,
  }),
  minFreeDisk: setting({
    doc: 'Jobs wait while less than this is free on the disk: bytes, or text such as "10 GiB".',
    kind: bytes,
    variable: "LIGASE_MIN_FREE_DISK",
    otherwise: "1 GiB, or 5 % of a small disk",
  }),
  maxLogSize: setting({
    doc: "The most that is kept of one job's stdout and of its stderr: bytes, or text.",
    kind: bytes,
    variable: "LIGASE_MAX_LOG_SIZE",
    preset: 2 ** 30,
    otherwise: "1 GiB",
  }),
  container: setting({
    doc: 'How tasks that name an image run: `"sandbox"`, `"podman"`, `"docker"`, `"auto"` (the first of these that works here), or `"host"`: with the tools of this machine, from PATH. Or `{ engine, images }`: where built environments are kept.',
    kind: orFields("engine", { engine: oneOf(...CONTAINER_ENGINES), images: text }),
    variable: "LIGASE_CONTAINER",
    preset: {},
    otherwise: "auto",
  }),
  stage: setting({
    doc: 'How local jobs get their inputs: `"symlink"`, `"reflink"` (where the file system can) or `"copy"`.',
    kind: oneOf("symlink", "reflink", "copy"),
    variable: "LIGASE_STAGE",
    preset: "symlink" as const,
    otherwise: "symlink",
  }),
  notify: setting({
    doc: "A URL, or several, that hears of the end of each run: a POST with JSON, which Slack, Teams and Discord show.",
    kind: urls,
    variable: "LIGASE_NOTIFY",
    preset: [],
    otherwise: "none",
  }),
  server: setting({
    doc: 'Where `ligase serve` listens (`host`, `port`), and how it is reached where something stands before it (`url`): links to outputs begin so. `links` is how long they are good, such as `"7d"`. `cors` names the origins of pages that may call it, `rateLimit` says how many requests a second a key may make, `webhooks` whether jobs may tell `"any"` address of their end, or `"public"` ones alone, and `largestOutput` above which size (`"20 MB"`) a result is given as a link. A text alone is the `url`.',
    kind: orFields("url", {
      url,
      host: text,
      port: whole,
      links: duration,
      cors: origins,
      rateLimit: whole,
      webhooks: oneOf("public", "any"),
      largestOutput: bytes,
    }),
    variable: "LIGASE_SERVER_URL",
    preset: {},
    otherwise: "http://127.0.0.1:4747",
  }),
  prices: setting({
    doc: "What each executor takes for an hour of what jobs ask for, by its name: `{ process: { cpuHour: 0.04 } }`.",
    kind: record(fields({ cpuHour: amount, memoryGiBHour: amount, gpuHour: amount })),
    preset: {},
    otherwise: "free",
  }),
  currency: setting({
    doc: 'What the prices are in: `"USD"`.',
    kind: text,
    otherwise: "not said",
  }),
};

type Kinds<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? Kind<T> : never };

function kindsOf<S extends Readonly<Record<string, Setting<unknown>>>>(settings: S): Kinds<S> {
  // The names stay, and each kind is that of its row.
  return Object.fromEntries(Object.entries(settings).map(([name, { kind }]) => [name, kind])) as Kinds<S>;
}

/** Every setting, by its name. The one list of them. */
export const SETTINGS = {
  ...COMMON,
  profiles: setting({
    doc: "Settings by the name of a place or a purpose; those of the one that is chosen win over the others.",
    kind: record(fields(kindsOf(COMMON))),
    preset: {},
    otherwise: "none",
  }),
} satisfies { readonly [K in keyof Required<Config>]: Setting<unknown> };

/** A whole configuration. */
export const CONFIG = fields(kindsOf(SETTINGS));

/** What a configuration says, checked, in the units of {@link SETTINGS}. */
export type Said = ReturnType<(typeof CONFIG)["read"]>;
