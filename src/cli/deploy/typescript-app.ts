import { join } from "node:path";
import { type Endpoint, isEndpoint, isWebApp, type WebApp } from "../../apps/index.ts";
import { loadProgram } from "../../code/index.ts";
import { type FoundHandler, type PackedProgram, packProgram } from "../../code/pack/index.ts";
import { jsonSchema, slotsOf } from "../../code/parameters/index.ts";
import { skippedLine } from "../../code/sync/index.ts";
import type { WorkerProgram } from "../../endpoints/types.ts";
import { isScripted } from "../../engine/options.ts";
import type { Parameter } from "../../expr/definition.ts";
import { callOptions, taskImpl } from "../../expr/index.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { LigaseError } from "../../kernel/index.ts";
import { parametersOf } from "../run/parameters.ts";
import { type Declaration, endpointManifest } from "./endpoint-manifest.ts";
import type { ReadApp } from "./types.ts";

/** Reads an app in TypeScript: what it declares is known once it was evaluated, what handlers take is read from the source. */
export async function readTypeScriptApp(entry: string, root: string, storeDir: string): Promise<ReadApp> {
  const { exports } = await loadProgram(entry, { root, cacheDir: join(storeDir, "code") });
  const found = Object.entries(exports).flatMap(([exported, declared]): [string, Endpoint | WebApp][] =>
    isEndpoint(declared) || isWebApp(declared) ? [[exported, declared]] : [],
  );
  // A command may need any file of the project: `python -u handler.py`.
  const whole = found.some(([, { handler }]) => handler === null);
  const packed = await packProgram(entry, { root, whole, without: [storeDir] });
  const order = [...packed.handlers.keys()];
  const place = (exported: string): number => (order.includes(exported) ? order.indexOf(exported) : order.length);
  const endpoints = found
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([exported, declared]) => endpointManifest(declarationOf(exported, declared, packed), packed.codeHash));
  const { files, codeHash, bundle, skipped, diagnostics } = packed;
  const noticed = diagnostics.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  return { files, codeHash, bundle, endpoints, warnings: [...noticed, ...skipped.map(skippedLine)] };
}

function declarationOf(exported: string, declared: Endpoint | WebApp, packed: PackedProgram): Declaration {
  const source = packed.handlers.get(exported);
  const base = { exported, declared, doc: source?.doc ?? "", input: null, parameters: null };
  const { command } = declared.options;
  if (isWebApp(declared)) {
    const { healthPath = null } = declared.options;
    const program: WorkerProgram = command
      ? { kind: "web-command", command, healthPath }
      : { kind: "web", bundle: packed.bundle, export: exported };
    return { ...base, program };
  }
  if (command) return { ...base, program: { kind: "command", command } };
  const program: WorkerProgram = { kind: "node", bundle: packed.bundle, export: exported };
  const task = taskImpl(declared.handler);
  if (!task) return { ...base, program, ...inputOf(exported, source) };
  const parameters = parametersOf(task);
  return {
    ...base,
    program,
    doc: base.doc || (task.definition?.doc ?? ""),
    input: task.definition ? jsonSchema(parameters) : null,
    parameters: slotsOf(parameters).map(({ name }) => name),
    inherited: runsElsewhere(task, declared) ? undefined : { ...task.options, ...callOptions(declared.handler) },
  };
}

/** Does the body of the task run in a job of its own, with what it needs, and not in the worker? */
function runsElsewhere(task: TaskImpl, { options }: Endpoint): boolean {
  return isScripted(task) || task.definition?.python !== undefined || options.cache === true;
}

/** What a plain function takes, as far as its source says: the fields of a job's input are its parameters. */
function inputOf(exported: string, source: FoundHandler | undefined): Pick<Declaration, "input" | "parameters"> {
  const parameters = source?.parameters;
  if (!parameters) return { input: null, parameters: null };
  const rest = parameters.find((one) => one.rest);
  if (rest) {
    throw new LigaseError("LIGASE_E_ENDPOINT", `${exported} gathers its arguments: ...${rest.name}`, {
      facts: { export: exported, parameter: rest.name },
      mend: `take a list: (${rest.name}: string[]) => …`,
    });
  }
  const [only, ...others] = parameters;
  if (only?.spread && others.length === 0) return { input: jsonSchema(parameters), parameters: null };
  // Beside others, an object without a name has the name that its documentation gives it.
  const named = parameters.map((one): Parameter => ({ ...one, spread: false }));
  return { input: jsonSchema(named), parameters: named.map(({ name }) => name) };
}
