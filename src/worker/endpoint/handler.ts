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

type Where = Pick<EndpointWorkerSettings, "codeDir" | "enclosed" | "parameters" | "input">;

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
  const impl = taskImpl(handler);
  if (impl?.definition) {
    // A call looks into the cache; the body alone does not. That of a function in Python is not in this process.
    const body = cached || impl.definition.python ? call : (impl.fn as Handler<readonly unknown[]>);
    return taskCall(body, impl.definition.parameters, impl.options.input, { cached, where });
  }
  const { parameters, input: schema } = where;
  const plainCall: Answering["call"] = (input) =>
    parameters === null ? call(input) : call(...byName(parameters, input));
  if (schema === null) return plainCall;
  // Most do without: 3 ms of a cold start.
  const [{ typedInput }, { inputFiles }] = await Promise.all([import("./typed-input.ts"), import("./inputs.ts")]);
  return (input, dir) => plainCall(typedInput(schema, input, inputFiles(dir, where)), dir);
}

/** Calls a task with values of its types: texts become files, dates and big integers, and its schema has a look at them. */
async function taskCall(
  body: Handler<readonly unknown[]>,
  source: readonly Parameter[],
  schema: TaskImpl["options"]["input"],
  { cached, where }: { readonly cached: boolean; readonly where: Where },
): Promise<Answering["call"]> {
  const [{ readArguments }, { inputFiles }] = await Promise.all([
    import("../../code/parameters/values.ts"),
    import("./inputs.ts"),
  ]);
  if (schema === undefined || cached) {
    const parameters = schema === undefined ? source : await withSchema(schema, source);
    return (input, dir) => body(...readArguments(parameters, input, inputFiles(dir, where)));
  }
  const { validateInput } = await import("../../code/parameters/validate.ts");
  const parameters = await withSchema(schema, source);
  const names = parameters.map(({ name }) => name);
  return (input, dir) => {
    const args = readArguments(parameters, input, inputFiles(dir, where));
    return validateInput(schema, args, names).then((valid) => body(...valid));
  };
}

/** The parameters that a schema names. */
async function withSchema(
  schema: NonNullable<TaskImpl["options"]["input"]>,
  source: readonly Parameter[],
): Promise<readonly Parameter[]> {
  const { schemaParameters } = await import("../../code/parameters/from-schema.ts");
  return schemaParameters(schema, source);
}

/** The arguments of a function of which only the names of the parameters are known. */
function byName(names: readonly string[], input: unknown): unknown[] {
  const fields = new Map<string, unknown>(typeof input === "object" && input !== null ? Object.entries(input) : []);
  const args = names.map((name) => fields.get(name));
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  return args;
}
