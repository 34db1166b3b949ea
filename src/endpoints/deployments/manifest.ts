import { isEndpointName, type Scaler } from "../../apps/index.ts";
import { isSafePath } from "../../archive/safe-path.ts";
import { codeHashOf } from "../../code/pack/code-file.ts";
import { LigaseError } from "../../kernel/index.ts";
import { isVolumeName } from "../../volumes/name.ts";
import type { CodeFile, DeploymentManifest, EndpointManifest, WorkerProgram, WorkerResources } from "../types.ts";
import { isContentHash } from "./code-store.ts";
import { fields, flag, list, nullable, number, object, type Reader, text, texts, wrong } from "./shape.ts";

/** Files of a deployment together, in bytes: what is larger belongs on a volume or into an image. */
const MOST_CODE = 2 ** 30;
const DAY = 24 * 3600 * 1000;

const name = text("a name of letters, digits and dashes", isEndpointName);
const path = text("a relative path with / between its parts", isSafePath);
const hash = text("a hash of 40 hexadecimal digits", (value) => /^[0-9a-f]{40}$/.test(value));
const variable = text("the name of a variable", (value) => /^[A-Za-z_]\w*$/.test(value));
const identifier = text(
  "the name of a function",
  (value) => /^[\p{ID_Start}$_][\p{ID_Continue}$.]*$/u.test(value) && value.length < 256,
);
const argument = text("an argument without a NUL", (value) => !value.includes("\0"));
const command: Reader<readonly string[]> = (value, at) => {
  const words = list(argument, 1000)(value, at);
  if (words.length === 0 || words[0] === "") throw wrong(at, "a program and its arguments", value);
  return words;
};

const PROGRAMS: Readonly<Record<WorkerProgram["kind"], Reader<WorkerProgram>>> = {
  node: fields<Extract<WorkerProgram, { kind: "node" }>>({ kind: is("node"), bundle: path, export: identifier }),
  python: fields<Extract<WorkerProgram, { kind: "python" }>>({
    kind: is("python"),
    module: path,
    function: identifier,
  }),
  command: fields<Extract<WorkerProgram, { kind: "command" }>>({ kind: is("command"), command }),
  web: fields<Extract<WorkerProgram, { kind: "web" }>>({ kind: is("web"), bundle: path, export: identifier }),
  "web-command": fields<Extract<WorkerProgram, { kind: "web-command" }>>({
    kind: is("web-command"),
    command,
    healthPath: nullable(text("a path", (value) => /^\/[\x21-\x7e]*$/.test(value))),
  }),
};

function is<K extends string>(kind: K): Reader<K> {
  return (value, at) => {
    if (value === kind) return kind;
    throw wrong(at, JSON.stringify(kind), value);
  };
}

function isKind(kind: unknown): kind is WorkerProgram["kind"] {
  return typeof kind === "string" && Object.hasOwn(PROGRAMS, kind);
}

const program: Reader<WorkerProgram> = (value, at) => {
  const { kind } = object(value, at);
  if (!isKind(kind)) throw wrong(`${at}.kind`, `one of ${Object.keys(PROGRAMS).join(", ")}`, kind);
  return PROGRAMS[kind](value, at);
};

const scaler: Reader<Scaler> = (value, at) =>
  "queueDelay" in object(value, at)
    ? fields<{ readonly queueDelay: number }>({ queueDelay: number(0, 3600, false) })(value, at)
    : fields<{ readonly requestCount: number }>({ requestCount: number(Number.MIN_VALUE, 10_000, false) })(value, at);

const resources = fields<WorkerResources>({
  cpu: number(0, 100_000, false),
  memory: number(0, Number.MAX_SAFE_INTEGER),
  gpu: number(0, 1000),
  gpuKind: nullable(text("a kind of GPU", (value) => /^[A-Za-z][\w .-]*$/.test(value))),
  disk: number(0, Number.MAX_SAFE_INTEGER),
});

const mount = fields<EndpointManifest["volumes"][number]>({
  name: text("the name of a volume", isVolumeName),
  at: text("an absolute path", (value) => /^\/[^\0]+$/.test(value) && !value.split("/").includes("..")),
  readOnly: flag,
});

const endpoint = fields<EndpointManifest>({
  name,
  kind: (value, at) => (value === "web" ? value : is("queue")(value, at)),
  doc: text(),
  program,
  codeHash: hash,
  input: nullable(object),
  parameters: nullable(
    list(
      text("the name of a parameter", (value) => value !== ""),
      1000,
    ),
  ),
  minWorkers: number(0, 1000),
  maxWorkers: number(1, 1000),
  idleTimeout: number(0, 7 * DAY),
  scaler: nullable(scaler),
  concurrency: number(1, 10_000),
  startTimeout: number(1, DAY),
  executionTimeout: number(1, 7 * DAY),
  ttl: number(1, 7 * DAY),
  maxAttempts: number(1, 100),
  maxQueue: number(1, 1_000_000),
  keepResults: number(0, 90 * DAY),
  cache: flag,
  aggregateStream: flag,
  requestTimeout: number(1, DAY),
  public: flag,
  resources,
  image: nullable(object),
  network: flag,
  volumes: list(mount, 100),
  secrets: list(variable, 1000),
  env: texts(variable),
});

const codeFile = fields<CodeFile>({
  path,
  hash: text("a SHA-256 of 64 hexadecimal digits", isContentHash),
  size: number(0, MOST_CODE),
  executable: flag,
});

const deployment = fields<DeploymentManifest>({
  format: (value, at) => {
    if (value === 1) return value;
    throw wrong(at, "1: the server does not know another one", value);
  },
  app: name,
  entry: path,
  code: list(codeFile, 20_000),
  codeHash: hash,
  bundle: nullable(path),
  endpoints: list(endpoint, 1000),
  partial: (value, at) => value !== undefined && flag(value, at),
  gitCommit: nullable(text("a commit", (value) => /^[0-9a-f]{7,64}$/.test(value))),
  gitDirty: nullable(flag),
  ligaseVersion: text(),
});

/** Reads one code list: of a deployment, or of a run that is handed in. */
export function readCode(value: unknown, codeHash: string): readonly CodeFile[] {
  const code = list(codeFile, 20_000)(value, "code");
  checkCode(code, codeHash);
  return code;
}

/**
 * Reads what `ligase deploy` sent, and trusts nothing of it.
 *
 * @throws LigaseError `LIGASE_E_MANIFEST`, naming the field and what it should have been
 */
export function readManifest(value: unknown): DeploymentManifest {
  const manifest = deployment(value, "");
  checkCode(manifest.code, manifest.codeHash);
  const files = new Set(manifest.code.map((file) => file.path));
  const expect = (file: string | null, at: string): void => {
    if (file !== null && !files.has(file)) throw wrong(at, "one of the files of the code", file);
  };
  expect(manifest.bundle, "bundle");
  const names = new Set<string>();
  for (const [i, each] of manifest.endpoints.entries()) {
    const at = `endpoints[${i}]`;
    if (names.has(each.name)) throw wrong(`${at}.name`, "a name of its own", each.name);
    names.add(each.name);
    if (each.minWorkers > each.maxWorkers) throw wrong(`${at}.minWorkers`, "at most maxWorkers", each.minWorkers);
    if (each.program.kind.startsWith("web") !== (each.kind === "web")) {
      throw wrong(`${at}.kind`, "what its program is", each.kind);
    }
    if (each.kind === "queue" && each.scaler === null) throw wrong(`${at}.scaler`, "there", null);
    if ("bundle" in each.program) expect(each.program.bundle, `${at}.program.bundle`);
    if ("module" in each.program) expect(each.program.module, `${at}.program.module`);
  }
  if (manifest.endpoints.length === 0) throw wrong("endpoints", "a list of at least one", []);
  return manifest;
}

function checkCode(code: readonly CodeFile[], codeHash: string): void {
  const seen = new Set<string>();
  const folders = new Set<string>();
  let size = 0;
  for (const [i, file] of code.entries()) {
    if (seen.has(file.path)) throw wrong(`code[${i}].path`, "there once", file.path);
    seen.add(file.path);
    for (let at = file.path.lastIndexOf("/"); at > 0; at = file.path.lastIndexOf("/", at - 1)) {
      folders.add(file.path.slice(0, at));
    }
    size += file.size;
  }
  for (const [i, file] of code.entries()) {
    if (folders.has(file.path)) throw wrong(`code[${i}].path`, "no folder of another file", file.path);
  }
  if (size > MOST_CODE) throw wrong("code", `at most ${MOST_CODE} bytes`, size);
  if (codeHashOf(code) !== codeHash) throw wrong("codeHash", "the hash of the code", codeHash);
}

/**
 * A manifest as it is recorded: it was read before.
 *
 * @throws LigaseError `LIGASE_E_MANIFEST` where another version recorded it in a form that is not known here
 */
export function parseManifest(json: string): DeploymentManifest {
  try {
    return readManifest(JSON.parse(json));
  } catch (error) {
    if (error instanceof LigaseError) throw error;
    throw wrong("", "JSON", json.slice(0, 40));
  }
}
