import { isEndpoint, type EndpointOptions, type Handler } from "../../apps/index.ts";
import { readArguments } from "../../code/parameters/values.ts";
import { validateInput } from "../../code/parameters/validate.ts";
import { taskImpl } from "../../expr/index.ts";
import { LigaseError, nearest } from "../../kernel/index.ts";
import { inputFiles, type JobDir } from "./inputs.ts";
import type { EndpointWorkerSettings } from "./protocol.ts";

/** An endpoint, as a worker uses it. */
export interface Answering {
  /** Calls the handler with the input of a job. */
  readonly call: (input: unknown, dir: JobDir) => unknown;
  readonly options: Pick<EndpointOptions, "aggregateStream" | "onStart">;
}

type Where = Pick<EndpointWorkerSettings, "codeDir" | "enclosed" | "parameters">;

/**
 * The endpoint that an app exports by a name. A task that is exported is one too, without options.
 *
 * @throws LigaseError `LIGASE_E_ENDPOINT` when there is none
 */
export function endpointOf(module: Readonly<Record<string, unknown>>, name: string, where: Where): Answering {
  const found = Object.hasOwn(module, name) ? module[name] : undefined;
  if (isEndpoint(found) && found.handler !== null) {
    return { call: callOf(found.handler, found.options.cache === true, where), options: found.options };
  }
  if (isHandler(found) && taskImpl(found)) return { call: callOf(found, false, where), options: {} };
  const names = Object.keys(module).filter((key) => isEndpoint(module[key]));
  const near = nearest(name, names);
  throw new LigaseError("LIGASE_E_ENDPOINT", `the app exports no endpoint ${name} that a function answers`, {
    facts: { name },
    ...(near !== undefined && { mend: `did you mean ${near}?` }),
  });
}

function isHandler(value: unknown): value is Handler<readonly unknown[]> {
  return typeof value === "function";
}

function callOf(handler: Handler, cached: boolean, where: Where): Answering["call"] {
  const call = handler as Handler<readonly unknown[]>;
  const { parameters } = where;
  const impl = taskImpl(handler);
  if (impl?.definition) {
    const { definition, options } = impl;
    // A call looks into the cache; the body alone does not.
    const body = cached ? call : (impl.fn as Handler<readonly unknown[]>);
    return (input, dir) => {
      const args = readArguments(definition.parameters, input, inputFiles(dir, where));
      if (options.input === undefined || cached) return body(...args);
      const names = definition.parameters.map(({ name }) => name);
      return validateInput(options.input, args, names).then((valid) => body(...valid));
    };
  }
  if (parameters === null) return (input) => call(input);
  return (input) => call(...byName(parameters, input));
}

/** The arguments of a function of which only the names of the parameters are known. */
function byName(names: readonly string[], input: unknown): unknown[] {
  const fields = new Map<string, unknown>(typeof input === "object" && input !== null ? Object.entries(input) : []);
  const args = names.map((name) => fields.get(name));
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  return args;
}
