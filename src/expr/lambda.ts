import { LigaseError } from "../kernel/index.ts";
import { makeExpr, nodeOf } from "./lazy.ts";
import { Lambda, type ParamNode } from "./node.ts";
import { taskImpl } from "./task.ts";
import { isPlainRecord } from "./walk.ts";

function refuse(what: string, problem: string, mend: string): never {
  throw new LigaseError("LIGASE_E_CALLBACK", `the callback of ${what}() ${problem}`, {
    facts: { combinator: what },
    mend,
  });
}

function refuseAsync(what: string, problem: string): never {
  refuse(
    what,
    `${problem}: it is called once, with placeholders, to record what it builds`,
    "move the async work into a task, and call that task in the callback",
  );
}

/** Calls a function that builds something; an async one is refused before it does anything. */
export function build(what: string, fn: (...args: unknown[]) => unknown, args: readonly unknown[] = []): unknown {
  if (Object.prototype.toString.call(fn) === "[object AsyncFunction]") refuseAsync(what, "is async");
  return recorded(what, fn(...args));
}

/** Finds what a callback may not leave in what it returns, with its place. */
function checkBody(what: string, body: unknown, place: string, above: object[]): void {
  if (body === null || (typeof body !== "object" && typeof body !== "function") || nodeOf(body)) return;
  if (typeof body === "function") {
    if (taskImpl(body)) return;
    const name = body.name ? `the function ${body.name}` : "a function";
    refuse(
      what,
      `left ${name}${place && ` at ${place}`} in what it returned, which cannot be recorded`,
      "make it a task, or a lift() at the top of the module",
    );
  }
  if (body instanceof Promise) {
    // Nobody will wait for it: that it fails, for want of a value, is no news.
    body.catch(() => undefined);
    refuseAsync(what, place ? `left a promise at ${place}` : "returned a promise");
  }
  if (above.includes(body))
    refuse(what, `left a value that contains itself${place && ` at ${place}`}`, "leave plain data");
  above.push(body);
  if (Array.isArray(body)) for (let i = 0; i < body.length; i++) checkBody(what, body[i], `${place}[${i}]`, above);
  else if (isPlainRecord(body))
    for (const key of Object.keys(body)) checkBody(what, body[key], `${place}.${key}`, above);
  above.pop();
}

/** What was built where a combinator takes a value: the value, checked. */
export function recorded(what: string, value: unknown): unknown {
  checkBody(what, value, "", []);
  return value;
}

/** The names of a function's parameters, as far as its text tells them plainly. */
function parameterNames(fn: (...args: never) => unknown, fallback: readonly string[]): readonly string[] {
  const text = Function.prototype.toString.call(fn);
  const list = /^\s*(?:async\s+)?(?:function\s*[\w$]*\s*)?(?:\(([^()]*)\)|([\w$]+)\s*=>)/.exec(text);
  const names = (list?.[1] ?? list?.[2] ?? "").split(",").map((name) => name.trim());
  return fallback.map((name, i) => (/^[A-Za-z_$][\w$]*$/.test(names[i] ?? "") ? names[i]! : name));
}

/** What a combinator asks of its callback. */
export interface CallbackRules {
  /** How many placeholders it gets at least, however few it names. By default all. */
  readonly least?: number;
  /** May it return nothing? */
  readonly optional?: boolean;
}

/**
 * Records a callback: calls it once with placeholders, and keeps what it builds. A callback that
 * names fewer parameters than it is offered gets, and so records, only those; a task is called
 * with the least.
 *
 * @param what - the combinator, for messages
 * @param names - what the placeholders are called where the callback does not say
 * @throws LigaseError `LIGASE_E_CALLBACK` when it is no function, is async, or leaves a function behind
 */
export function recordCallback(
  what: string,
  callback: unknown,
  names: readonly string[],
  { least = names.length, optional = false }: CallbackRules = {},
): Lambda {
  if (typeof callback !== "function") {
    const got = nodeOf(callback) ? "a lazy value" : callback === null ? "null" : typeof callback;
    throw new LigaseError("LIGASE_E_CALLBACK", `${what}() takes a function or a task, and got ${got}`, {
      facts: { combinator: what },
      mend: `write ${what}(…, (${names[0]}) => …)`,
    });
  }
  const call = callback as (...args: unknown[]) => unknown;
  const isTask = taskImpl(callback) !== undefined;
  const offered = isTask ? least : Math.max(least, Math.min(names.length, callback.length));
  const called = isTask ? names : parameterNames(call, names);
  const params = called.slice(0, offered).map((name): ParamNode => ({ kind: "param", name }));
  let body: unknown;
  try {
    body = build(
      what,
      call,
      params.map((param) => makeExpr(param)),
    );
  } catch (error) {
    if (error instanceof LigaseError && error.code === "LIGASE_E_LAZY") {
      throw new LigaseError(error.code, `in the callback of ${what}(): ${error.message}`, {
        facts: { ...error.facts, combinator: what },
        mend: "the callback is called once, with placeholders: compute with them in a task or in lift()",
        cause: error,
      });
    }
    throw error;
  }
  if (body === undefined && !optional) {
    refuse(what, "returned nothing, so that what it built would be lost", `return it: ${what}(…, (${names[0]}) => …)`);
  }
  return new Lambda(params, body);
}
