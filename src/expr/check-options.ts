import { LigaseError, nearest, parseDuration } from "../kernel/index.ts";
import {
  amount,
  type Check,
  duration,
  flag,
  gpu,
  image,
  isRecord,
  number,
  parsed,
  recordOf,
  secrets,
  show,
  text,
  textRecord,
  volumes,
  whole,
} from "./checks.ts";
import type { DefinitionOptions, TaskOptions } from "./options.ts";
import type { TaskImpl } from "./task-impl.ts";

/** A value, or a function of the attempt: what that gives is known only when there is an attempt. */
function perAttempt(check: Check): Check {
  return (value) => {
    if (typeof value === "function") return undefined;
    const wanted = check(value);
    return wanted && `${wanted}, or a function of the attempt: ({ attempt }) => …`;
  };
}

function oneOf(...words: string[]): Check {
  return (value) =>
    typeof value === "string" && words.includes(value)
      ? undefined
      : words.map((word) => JSON.stringify(word)).join(" or ");
}

const shares = recordOf(
  "a record of amounts",
  number("a number above 0", (n) => n > 0),
);

const RETRY: Readonly<Record<string, Check>> = {
  times: whole,
  delay: parsed("a duration", parseDuration, 0),
  factor: number("a number from 1", (n) => n >= 1),
  maxDelay: duration,
};

const retries: Check = (value) => {
  const wanted = 'a whole number, or { times, delay: "10s", factor: 2, maxDelay: "5 min" }';
  if (typeof value === "number") return whole(value) && wanted;
  if (!isRecord(value) || value["times"] === undefined) return wanted;
  return Object.entries(value).every(([key, part]) => RETRY[key] && !RETRY[key](part)) ? undefined : wanted;
};

const limits: Check = (value) => {
  if (Array.isArray(value) ? value.every((name) => !text(name)) : !shares(value)) return undefined;
  return 'names of limits: ["ncbi"], or { ncbi: 2 }';
};

const isSchema = (value: unknown): boolean => (isRecord(value) || typeof value === "function") && "~standard" in value;

const input: Check = (value) =>
  isSchema(value) || (Array.isArray(value) && value.every(isSchema))
    ? undefined
    : "a Standard Schema (zod and others), or one for each argument";

const stub: Check = (value) => (typeof value === "function" ? undefined : "a function with the parameters of the body");

const CHECKS: Readonly<Record<keyof DefinitionOptions<never, unknown>, Check>> = {
  name: text,
  version: text,
  cache: flag,
  check: oneOf("full", "shallow"),
  cpu: perAttempt(number("a number above 0", (n) => n > 0)),
  memory: perAttempt(amount),
  gpu: perAttempt(gpu),
  disk: perAttempt(amount),
  processes: number("a whole number from 1", (n) => Number.isInteger(n) && n >= 1),
  image,
  network: flag,
  volumes,
  secrets,
  executor: text,
  timeout: perAttempt(duration),
  retries,
  limits,
  priority: number("a number", () => true),
  tags: textRecord,
  env: textRecord,
  input,
  stub,
};

/**
 * Checks the options given to a task, so that a mistake is found where it stands and not when the
 * job is about to start. An option that is `undefined` counts as absent.
 *
 * @param task - its name, for the message; may be empty
 * @throws LigaseError `LIGASE_E_OPTION`, naming the option and what it should have been
 */
export function checkOptions(given: unknown, task: string): TaskOptions & Pick<TaskImpl, "stub"> {
  const of = task ? ` of ${task}` : "";
  if (!isRecord(given)) {
    throw new LigaseError("LIGASE_E_OPTION", `the options${of} should be an object, not ${show(given)}`, {
      facts: { task },
      mend: 'write task({ memory: "4 GiB" }, …)',
    });
  }
  const kept: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const check: Check | undefined = Object.hasOwn(CHECKS, option) ? CHECKS[option as keyof typeof CHECKS] : undefined;
    if (!check) {
      const near = nearest(option, Object.keys(CHECKS));
      throw new LigaseError("LIGASE_E_OPTION", `the options${of} have no ${JSON.stringify(option)}`, {
        facts: { task, option },
        mend: near ? `did you mean ${near}?` : `options are: ${Object.keys(CHECKS).join(", ")}`,
      });
    }
    const wanted = check(value);
    if (wanted) {
      throw new LigaseError("LIGASE_E_OPTION", `the option ${option}${of} should be ${wanted}; it is ${show(value)}`, {
        facts: { task, option, value: show(value) },
      });
    }
    kept[option] = value;
  }
  return kept;
}
