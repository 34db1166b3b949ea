import { isEndpoint, type EndpointOptions, type Handler } from "../../apps/index.ts";
import { type Parameter, taskImpl, type TaskImpl } from "../../expr/index.ts";
import { LigaseError, nearest } from "../../kernel/index.ts";
import type { JobDir } from "./inputs.ts";
import type { EndpointWorkerSettings } from "./protocol.ts";

/** An endpoint, as a worker uses it. */
export interface Answering {
  /** Calls the handler with the input of a job. */
  readonly call: (input: unknown, dir: JobDir) => unknown;
  readonly options: Pick<EndpointOptions, "onStart">;
}

type Where = Pick<EndpointWorkerSettings, "codeDir" | "enclosed" | "parameters">;

/**
 * The endpoint that an app exports by a name. A task that is exported is one too, without options.
 *
 * @throws LigaseError `LIGASE_E_APP` when there is none
 */
export async function endpointOf(
  module: Readonly<Record<string, unknown>>,
  name: string,
  where: Where,
): Promise<Answering> {
  const found = Object.hasOwn(module, name) ? module[name] : undefined;
  if (isEndpoint(found) && found.handler !== null) {
    return { call: await callOf(found.handler, found.options.cache === true, where), options: found.options };
  }
  if (isHandler(found) && taskImpl(found)) return { call: await callOf(found, false, where), options: {} };
  const names = Object.keys(module).filter((key) => isEndpoint(module[key]));
  const near = nearest(name, names);
  throw new LigaseError("LIGASE_E_APP", `the app exports no endpoint ${name} that a function answers`, {
    facts: { name },
    ...(near !== undefined && { mend: `did you mean ${near}?` }),
  });
}

function isHandler(value: unknown): value is Handler<readonly unknown[]> {
  return typeof value === "function";
}

async function callOf(handler: Handler, cached: boolean, where: Where): Promise<Answering["call"]> {
  const call = handler as Handler<readonly unknown[]>;
  const { parameters } = where;
  const impl = taskImpl(handler);
  if (impl?.definition) {
    // A call looks into the cache; the body alone does not.
    const body = cached ? call : (impl.fn as Handler<readonly unknown[]>);
    return typedCall(body, impl.definition.parameters, cached ? undefined : impl.options.input, where);
  }
  if (parameters === null) return (input) => call(input);
  return (input) => call(...byName(parameters, input));
}

/** Calls a function whose types are known: texts become files, dates and big integers. */
async function typedCall(
  body: Handler<readonly unknown[]>,
  parameters: readonly Parameter[],
  schema: TaskImpl["options"]["input"],
  where: Where,
): Promise<Answering["call"]> {
  // Plain functions do without: 3 ms of a cold start.
  const [{ readArguments }, { validateInput }, { inputFiles }] = await Promise.all([
    import("../../code/parameters/values.ts"),
    import("../../code/parameters/validate.ts"),
    import("./inputs.ts"),
  ]);
  const names = parameters.map(({ name }) => name);
  return (input, dir) => {
    const args = readArguments(parameters, input, inputFiles(dir, where));
    return schema === undefined ? body(...args) : validateInput(schema, args, names).then((valid) => body(...valid));
  };
}

/** The arguments of a function of which only the names of the parameters are known. */
function byName(names: readonly string[], input: unknown): unknown[] {
  const fields = new Map<string, unknown>(typeof input === "object" && input !== null ? Object.entries(input) : []);
  const args = names.map((name) => fields.get(name));
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  return args;
}
