import { type Endpoint, endpoint, type WebApp, web } from "../../apps/index.ts";
import { packFiles } from "../../code/pack/index.ts";
import { skippedLine } from "../../code/sync/index.ts";
import type { WorkerProgram } from "../../endpoints/types.ts";
import { Image } from "../../images/index.ts";
import type { DescribedEndpoint } from "../../project/python/index.ts";
import { describeEndpoints } from "../../project/python/index.ts";
import { endpointManifest } from "./endpoint-manifest.ts";
import type { ReadApp } from "./types.ts";

/** Reads an app in Python: a Python process tells what it declares; all files of the project go with it. */
export async function readPythonApp(entry: string, root: string, storeDir: string): Promise<ReadApp> {
  const described = await describeEndpoints(entry, root);
  const { files, codeHash, skipped } = packFiles(root, [storeDir]);
  const endpoints = described.map((one) =>
    endpointManifest(
      {
        exported: one.export,
        declared: declaredOf(one),
        doc: one.doc,
        program: programOf(one),
        input: one.input,
        parameters: one.parameters,
      },
      codeHash,
    ),
  );
  return { files, codeHash, bundle: null, endpoints, warnings: skipped.map(skippedLine) };
}

function programOf({ kind, command, module, export: fn, options }: DescribedEndpoint): WorkerProgram {
  if (command === null) return { kind: "python", module, function: fn };
  const { healthPath } = options;
  if (kind === "web")
    return { kind: "web-command", command, healthPath: typeof healthPath === "string" ? healthPath : null };
  return { kind: "command", command };
}

/** Checked as if it were written in TypeScript. */
function declaredOf({ kind, name, command, options: given }: DescribedEndpoint): Endpoint | WebApp {
  const { image, ...rest } = given;
  const options = { name, ...rest, ...(image !== undefined && { image: Image.fromJSON(image) }) };
  if (kind === "web") return web({ ...options, command: command ?? [] });
  return command === null ? endpoint(answered, options) : endpoint({ ...options, command });
}

/** Stands for a function in Python. */
function answered(): void {}
