import { amount, type Check, flag, gpu, image, isRecord, number, secrets, show, textRecord } from "../expr/checks.ts";
import { LigaseError, nearest, parseDuration } from "../kernel/index.ts";

/** What endpoints and web apps may be called: it stands in URLs. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Tells whether text may be the name of an endpoint or a web app. */
export function isEndpointName(text: string): boolean {
  return NAME.test(text);
}

const between = (least: number, most: number): Check =>
  number(
    `a whole number from ${least} to ${most.toLocaleString("en")}`,
    (n) => Number.isInteger(n) && n >= least && n <= most,
  );

/** A duration: bounds are written as people write them. */
function lasting(least: string, most: string): Check {
  const what = `a duration from ${least} to ${most}: seconds, or text such as "90s"`;
  return (value) => {
    if (typeof value !== "string" && typeof value !== "number") return what;
    try {
      const ms = parseDuration(value);
      return ms >= parseDuration(least) && ms <= parseDuration(most) ? undefined : what;
    } catch {
      return what;
    }
  };
}

const name: Check = (value) =>
  typeof value === "string" && isEndpointName(value)
    ? undefined
    : "up to 63 letters, digits and dashes, none of these at its ends";

const SCALERS: Readonly<Record<string, Check>> = {
  queueDelay: number("seconds", (n) => n >= 0 && n <= 3600),
  requestCount: number("jobs", (n) => n > 0 && n <= 10_000),
};

const scaler: Check = (value) => {
  const [[kind, at] = [], ...more] = isRecord(value) ? Object.entries(value) : [];
  return kind !== undefined && more.length === 0 && Object.hasOwn(SCALERS, kind) && !SCALERS[kind]!(at)
    ? undefined
    : "{ queueDelay: 4 } (seconds) or { requestCount: 1 } (jobs for each worker)";
};

/** Absolute: a worker has no work directory of its own. */
const volumes: Check = (value) => {
  const isMount = ([at, of]: [string, unknown]): boolean =>
    /^\/[^\0]+$/.test(at) && !at.split("/").includes("..") && isRecord(of) && typeof of["volume"] === "string";
  return isRecord(value) && Object.entries(value).every(isMount)
    ? undefined
    : 'volumes by the absolute path they are mounted at: { "/weights": volume("weights") }';
};

const variables: Check = (value) =>
  isRecord(value) && !textRecord(value) && Object.keys(value).every((key) => /^[A-Za-z_]\w*$/.test(key))
    ? undefined
    : 'variables with their texts: { MODEL: "small" }';

const command: Check = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value[0] !== "" &&
  value.every((word) => typeof word === "string" && !word.includes("\0"))
    ? undefined
    : 'a program and its arguments: ["python", "-u", "handler.py"]';

const callback: Check = (value) => (typeof value === "function" ? undefined : "a function");

const WORKER: Readonly<Record<string, Check>> = {
  name,
  minWorkers: between(0, 1000),
  maxWorkers: between(1, 1000),
  idleTimeout: lasting("0s", "7d"),
  concurrency: between(1, 10_000),
  startTimeout: lasting("1s", "1d"),
  cpu: number("a number above 0", (n) => n > 0),
  memory: amount,
  gpu,
  disk: amount,
  image,
  network: flag,
  volumes,
  secrets,
  env: variables,
};

const QUEUE: Readonly<Record<string, Check>> = {
  ...WORKER,
  scaler,
  // The bounds above are those of RunPod; below, what a test or a quick answer wants.
  executionTimeout: lasting("100ms", "7d"),
  ttl: lasting("1s", "7d"),
  maxAttempts: between(1, 100),
  maxQueue: between(1, 1_000_000),
  keepResults: lasting("1s", "90d"),
  aggregateStream: flag,
};

const WEB: Readonly<Record<string, Check>> = {
  ...WORKER,
  requestTimeout: lasting("100ms", "1d"),
  public: flag,
};

const path: Check = (value) =>
  typeof value === "string" && /^\/[\x21-\x7e]*$/.test(value) ? undefined : 'a path: "/health"';

/** The options of each kind of declaration. */
const KINDS = {
  endpoint: { ...QUEUE, cache: flag, onStart: callback },
  "endpoint of a command": { ...QUEUE, command },
  "web app": { ...WEB, onStart: callback },
  "web app of a command": { ...WEB, command, healthPath: path },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Check>>>>;

/** What is declared. */
export type Declared = keyof typeof KINDS;

/**
 * Checks the options of an endpoint or a web app, where it is declared.
 *
 * @returns them, without those that are `undefined`
 * @throws LigaseError `LIGASE_E_ENDPOINT`, naming the option and what it should have been
 */
export function checkDeclaration<T extends object>(kind: Declared, given: T): T {
  const checks: Readonly<Record<string, Check>> = KINDS[kind];
  if (!isRecord(given)) {
    throw refused(`the options of an ${kind} should be an object, not ${show(given)}`, "write { maxWorkers: 3 }");
  }
  const named =
    typeof given["name"] === "string" ? ` of ${given["name"]}` : ` of an ${kind}`.replace("an web", "a web");
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (!check) {
      const near = nearest(option, Object.keys(checks));
      const mend = near === undefined ? `there are: ${Object.keys(checks).join(", ")}` : `did you mean ${near}?`;
      throw refused(`the options${named} have no ${JSON.stringify(option)}`, mend, { option });
    }
    const wanted = check(value);
    if (wanted !== undefined) {
      throw refused(`the option ${option}${named} is ${show(value)}`, `it should be ${wanted}`, { option });
    }
  }
  const { minWorkers = 0, maxWorkers = 3 } = given;
  if (Number(minWorkers) > Number(maxWorkers)) {
    throw refused(
      `the option minWorkers${named} is ${show(minWorkers)}, and maxWorkers is ${show(maxWorkers)}`,
      "raise maxWorkers, or lower minWorkers",
      { option: "minWorkers" },
    );
  }
  // What is `undefined` is absent; the type says nothing else.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}

/** A declaration that cannot be. */
export function refused(message: string, mend: string, facts: Readonly<Record<string, unknown>> = {}): LigaseError {
  return new LigaseError("LIGASE_E_ENDPOINT", message, { mend, facts });
}
