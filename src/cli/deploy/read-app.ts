import { realpathSync } from "node:fs";
import type { DeploymentManifest, EndpointManifest } from "../../endpoints/types.ts";
import { LigaseError, nearest, VERSION } from "../../kernel/index.ts";
import { gitState } from "../../project/git.ts";
import { codeHashOf, type PackedFile } from "../../code/pack/index.ts";
import { appName } from "./app-name.ts";
import { withImageFiles } from "./image-files.ts";
import type { ReadApp } from "./types.ts";

/** What of an app is to be deployed, and where it lies. */
export interface AppOptions {
  /** The file that declares it: absolute, without symbolic links. */
  readonly entry: string;
  /** The project's folder. */
  readonly root: string;
  readonly storeDir: string;
  /** Only this endpoint. */
  readonly only?: string | undefined;
  /** What it is called, in place of its own name. */
  readonly app?: string | undefined;
}

/** An app that is ready to be deployed. */
export interface App {
  readonly manifest: DeploymentManifest;
  readonly files: readonly PackedFile[];
  /** What people should know of it. */
  readonly warnings: readonly string[];
}

/**
 * Reads an app: its endpoints with every default in place, and its code, packed.
 *
 * @throws LigaseError `LIGASE_E_APP` where it declares nothing, or not what is asked for; what `packProgram` raises, and what
 * the app throws
 */
export async function readApp({ entry, root: given, storeDir, only, app }: AppOptions): Promise<App> {
  const root = realpathSync(given);
  const [read, git] = await Promise.all([readLanguage(entry, root, storeDir), gitState(root)]);
  const path = entry.slice(root.length + 1);
  if (read.endpoints.length === 0) {
    throw new LigaseError("LIGASE_E_APP", `${path} declares no endpoint`, {
      facts: { entry: path },
      mend: entry.endsWith(".py")
        ? "decorate a function at the top of it: @endpoint"
        : "export one: export const fold = endpoint(predict, { maxWorkers: 3 })",
    });
  }
  const wanted = only === undefined ? read.endpoints : [chosen(read.endpoints, only, path)];
  refuseTwice(wanted);
  const images = withImageFiles(wanted);
  const files = [...read.files, ...images.files];
  const codeHash = codeHashOf(files);
  const manifest: DeploymentManifest = {
    format: 1,
    app: app ?? appName(root, path),
    entry: path,
    code: files.map(({ path: at, hash, size, executable }) => ({ path: at, hash, size, executable })),
    codeHash,
    bundle: read.bundle,
    endpoints: images.endpoints.map((each) => ({ ...each, codeHash })),
    ...(only !== undefined && { partial: true }),
    gitCommit: git?.commit ?? null,
    gitDirty: git?.dirty ?? null,
    ligaseVersion: VERSION,
  };
  return { manifest, files, warnings: [...read.warnings, ...images.warnings] };
}

async function readLanguage(entry: string, root: string, storeDir: string): Promise<ReadApp> {
  if (entry.endsWith(".py")) return (await import("./python-app.ts")).readPythonApp(entry, root, storeDir);
  return (await import("./typescript-app.ts")).readTypeScriptApp(entry, root, storeDir);
}

function chosen(endpoints: readonly EndpointManifest[], only: string, path: string): EndpointManifest {
  const variable = (program: EndpointManifest["program"]): string | undefined =>
    "export" in program ? program.export : program.kind === "python" ? program.function : undefined;
  const found = endpoints.find(({ name, program }) => name === only || variable(program) === only);
  if (found) return found;
  const names = endpoints.map(({ name }) => name);
  const near = nearest(only, names);
  throw new LigaseError("LIGASE_E_APP", `${path} declares no endpoint ${only}`, {
    facts: { entry: path, endpoint: only, endpoints: names },
    mend: near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`,
  });
}

function refuseTwice(endpoints: readonly EndpointManifest[]): void {
  const names = endpoints.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new LigaseError("LIGASE_E_APP", `two endpoints are called ${twice}`, {
    facts: { endpoint: twice },
    mend: `give one another name: endpoint(…, { name: "${twice}-2" })`,
  });
}
