import { isFields } from "../../code/parameters/index.ts";
import { formatBytes, formatDuration, hashText } from "../../kernel/index.ts";
import type { Change } from "../../remote/index.ts";
import type { EndpointManifest, WorkerProgram } from "../types.ts";

/** How values are told to people, by field; a field that is not here is told as it is. */
const WORDS: {
  readonly [K in keyof EndpointManifest]?: (value: EndpointManifest[K], of: EndpointManifest) => string;
} = {
  doc: () => "",
  program: programText,
  codeHash: (hash) => hash.slice(0, 8),
  input: (schema) => (schema === null ? "anything" : inputText(schema)),
  parameters: (names) => (names === null ? "the input as a whole" : `(${names.join(", ")})`),
  idleTimeout: lasting,
  scaler: (scaler) => {
    if (scaler === null) return "by requests";
    return "queueDelay" in scaler ? `queue delay of ${scaler.queueDelay} s` : `${scaler.requestCount} jobs a worker`;
  },
  startTimeout: lasting,
  executionTimeout: lasting,
  ttl: lasting,
  keepResults: lasting,
  requestTimeout: lasting,
  cache: yesNo,
  aggregateStream: yesNo,
  public: yesNo,
  network: yesNo,
  image: imageText,
};

/**
 * What becomes of the endpoints of an app: those that come, change and go, and those that stay, by name.
 *
 * @param partial - endpoints that are not named in `after` stay as they are, and are not told of
 */
export function changesOf(
  before: ReadonlyMap<string, EndpointManifest>,
  after: readonly EndpointManifest[],
  partial: boolean,
): Change[] {
  const named = new Set(after.map(({ name }) => name));
  const gone = partial ? [] : [...before.values()].filter(({ name }) => !named.has(name));
  return [
    ...after.map((next): Change => {
      const last = before.get(next.name);
      if (!last) return { endpoint: next.name, kind: "add", fields: settingsOf(next) };
      const fields = differences(last, next);
      return { endpoint: next.name, kind: fields.length === 0 ? "same" : "change", fields };
    }),
    ...gone.map(({ name }): Change => ({ endpoint: name, kind: "remove", fields: [] })),
  ];
}

/** Of an endpoint that is new: what it takes, and what its workers are. */
function settingsOf(next: EndpointManifest): Change["fields"] {
  const { minWorkers, maxWorkers, kind, program, image, resources } = next;
  const of = (field: string, after: string): Change["fields"] => [{ field, before: "", after }];
  return [
    ...("command" in program ? of("command", programText(program)) : []),
    ...(kind === "queue" && next.input !== null ? of("input", valueText(next, "input")) : []),
    ...of("workers", `${minWorkers} to ${maxWorkers}`),
    ...(image === null ? [] : of("image", imageText(image))),
    ...resourceChanges({ ...next, resources: NOTHING }, { ...next, resources }).map((one) => ({ ...one, before: "" })),
    ...(next.public ? of("public", "yes") : []),
  ];
}

const NOTHING: EndpointManifest["resources"] = { cpu: 0, memory: 0, gpu: 0, gpuKind: null, disk: 0 };

/** What differs between two endpoints of one name. */
export function differences(last: EndpointManifest, next: EndpointManifest): Change["fields"] {
  const found: { field: string; before: string; after: string }[] = [];
  for (const field of Object.keys(next) as (keyof EndpointManifest)[]) {
    if (JSON.stringify(last[field]) === JSON.stringify(next[field])) continue;
    if (field === "resources") found.push(...resourceChanges(last, next));
    else if (field === "env") found.push(...entryChanges("env", last.env, next.env));
    else if (field === "volumes") found.push(...entryChanges("volume", volumesOf(last), volumesOf(next)));
    else if (field === "secrets") {
      found.push({ field, before: last.secrets.join(", ") || "none", after: next.secrets.join(", ") || "none" });
    } else if (field === "program" && programText(last.program) === programText(next.program)) {
      // The bundle has another name: the code says so.
    } else if (field === "codeHash") {
      found.push({ field: "code", before: last.codeHash.slice(0, 8), after: next.codeHash.slice(0, 8) });
    } else {
      const [before, after] = [valueText(last, field), valueText(next, field)];
      // What differs may be too small to be seen in so few words.
      found.push({ field, before, after: before === after ? "changed" : after });
    }
  }
  return found;
}

function valueText<K extends keyof EndpointManifest>(of: EndpointManifest, field: K): string {
  const words = WORDS[field];
  return words ? words(of[field], of) : String(of[field]);
}

function resourceChanges(last: EndpointManifest, next: EndpointManifest): Change["fields"] {
  const { resources: a } = last;
  const { resources: b } = next;
  const bytes = (value: number): string => (value === 0 ? "not said" : formatBytes(value));
  const count = (value: number): string => (value === 0 ? "not said" : String(value));
  const gpus = ({ gpu, gpuKind }: typeof a): string =>
    gpu === 0 ? "none" : gpuKind === null ? String(gpu) : `${gpu} of kind ${gpuKind}`;
  return [
    { field: "cpu", before: count(a.cpu), after: count(b.cpu) },
    { field: "memory", before: bytes(a.memory), after: bytes(b.memory) },
    { field: "gpu", before: gpus(a), after: gpus(b) },
    { field: "disk", before: bytes(a.disk), after: bytes(b.disk) },
  ].filter(({ before, after }) => before !== after);
}

function entryChanges(
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Change["fields"] {
  const told = (value: string | undefined): string => (value === undefined ? "not set" : cut(value));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => ({ field: `${what} ${key}`, before: told(before[key]), after: told(after[key]) }));
}

function volumesOf({ volumes }: EndpointManifest): Record<string, string> {
  return Object.fromEntries(volumes.map(({ at, name, readOnly }) => [at, readOnly ? `${name} (read-only)` : name]));
}

/** `1h`, `1m 30s`: without the zeros that `formatDuration` keeps for columns. */
function lasting(ms: number): string {
  return formatDuration(ms)
    .replace(/ 0[hms]$/, "")
    .replace(/\.0s$/, "s");
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

function programText(program: WorkerProgram): string {
  switch (program.kind) {
    case "node":
    case "web":
      return `export ${program.export}`;
    case "python":
      return `${program.module}:${program.function}`;
    case "command":
    case "web-command":
      return cut(program.command.join(" "));
  }
}

/** `{ sequence: string, k?: integer }` */
function inputText(schema: Readonly<Record<string, unknown>>): string {
  const { properties, required } = schema;
  if (!isFields(properties)) return "a schema";
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  const parts = Object.entries(properties).map(([name, of]) => {
    const type = isFields(of) ? of["type"] : undefined;
    const text = typeof type === "string" ? type : Array.isArray(type) ? type.join(" or ") : "";
    return `${name}${needed.has(name) ? "" : "?"}${text === "" ? "" : `: ${text}`}`;
  });
  return parts.length === 0 ? "nothing" : cut(`{ ${parts.join(", ")} }`);
}

/** `debian 12, apt bwa samtools (1f0c9a2b)`. */
function imageText(image: unknown): string {
  if (typeof image !== "object" || image === null) return "this machine";
  const layers: unknown = "layers" in image ? image.layers : [];
  const words = (Array.isArray(layers) ? (layers as unknown[]) : []).map((layer) => {
    const [[kind, value] = ["layer", ""]] = Object.entries(Object(layer) as Record<string, unknown>);
    return Array.isArray(value) ? `${kind} ${value.join(" ")}` : typeof value === "string" ? `${kind} ${value}` : kind;
  });
  return `${cut(words.join(", "))} (${hashText(JSON.stringify(image)).slice(0, 8)})`;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
