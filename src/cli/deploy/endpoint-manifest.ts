import { type Endpoint, isEndpointName, isWebApp, type WebApp, type WorkerOptions } from "../../apps/index.ts";
import type { JsonSchema } from "../../code/parameters/index.ts";
import type { EndpointManifest, WorkerProgram } from "../../endpoints/types.ts";
import { gpusOf } from "../../engine/options.ts";
import type { TaskOptions } from "../../expr/options.ts";
import { Image } from "../../images/index.ts";
import { type Hash, LigaseError, parseBytes, parseDuration } from "../../kernel/index.ts";

/** What is known of an endpoint or a web app besides what it declares. */
export interface Declaration {
  /** The name it is exported by. */
  readonly exported: string;
  readonly declared: Endpoint | WebApp;
  readonly doc: string;
  readonly program: WorkerProgram;
  readonly input: JsonSchema | null;
  readonly parameters: readonly string[] | null;
  /** Of the task that answers: what its body needs, a worker needs. */
  readonly inherited?: TaskOptions | undefined;
}

const MINUTE = 60_000;

/**
 * An endpoint with every default in place.
 *
 * @throws LigaseError `LIGASE_E_ENDPOINT` for what an endpoint cannot take from its task, or a name that cannot be
 */
export function endpointManifest(of: Declaration, codeHash: Hash): EndpointManifest {
  const { declared, program, inherited = {} } = of;
  const options: Endpoint["options"] & WebApp["options"] = declared.options;
  const web = isWebApp(declared);
  const lasting = (value: number | string | undefined, preset: number): number =>
    value === undefined ? preset : parseDuration(value);
  const { cpu, memory, gpu, disk, image, network, volumes, secrets, env } = withTask(options, inherited);
  const gpus = gpu === undefined ? { gpu: 0, kind: "" } : gpusOf(gpu);
  return {
    name: nameOf(of),
    kind: web ? "web" : "queue",
    doc: of.doc,
    program,
    codeHash,
    input: of.input,
    parameters: of.parameters,
    minWorkers: options.minWorkers ?? 0,
    maxWorkers: options.maxWorkers ?? 3,
    idleTimeout: lasting(options.idleTimeout, 5000),
    scaler: web ? null : (options.scaler ?? { queueDelay: 4 }),
    concurrency: options.concurrency ?? (web ? 100 : 1),
    startTimeout: lasting(options.startTimeout, 5 * MINUTE),
    executionTimeout: lasting(options.executionTimeout, 10 * MINUTE),
    ttl: lasting(options.ttl, 24 * 60 * MINUTE),
    maxAttempts: options.maxAttempts ?? 3,
    maxQueue: options.maxQueue ?? 10_000,
    keepResults: lasting(options.keepResults, 24 * 60 * MINUTE),
    cache: options.cache ?? false,
    aggregateStream: options.aggregateStream ?? true,
    requestTimeout: lasting(options.requestTimeout, 5 * MINUTE),
    public: options.public ?? false,
    resources: {
      cpu: cpu ?? 0,
      memory: memory === undefined ? 0 : parseBytes(memory),
      gpu: gpus.gpu,
      gpuKind: gpus.kind === "" ? null : gpus.kind,
      disk: disk === undefined ? 0 : parseBytes(disk),
    },
    image: image instanceof Image ? image.toJSON() : null,
    network: network ?? "command" in program,
    volumes: Object.entries(volumes ?? {}).map(([at, { volume, readOnly }]) => ({ name: volume, at, readOnly })),
    secrets: [...new Set(secrets)],
    env: env ?? {},
  };
}

/** The name in URLs: the option, else that of the export, with dashes. */
function nameOf({ declared, exported }: Declaration): string {
  const name = declared.options.name ?? exported.replace(/^[_$]+|[_$]+$/g, "").replace(/[_$]+/g, "-");
  if (isEndpointName(name)) return name;
  throw new LigaseError("LIGASE_E_ENDPOINT", `${exported} cannot be the name of an endpoint`, {
    facts: { export: exported },
    mend: 'give it one of letters, digits and dashes: endpoint(…, { name: "fold" })',
  });
}

/** What a worker needs, which the task that answers may say too. */
type Needs = {
  readonly [K in "cpu" | "memory" | "gpu" | "disk" | "image" | "network" | "volumes" | "secrets" | "env"]:
    | WorkerOptions[K]
    | undefined;
};

/** The options of workers: what the endpoint does not say, its task may. */
function withTask(own: WorkerOptions, task: TaskOptions): Needs {
  const first = <T extends number | string>(
    value: T | ((context: { readonly attempt: number }) => T) | undefined,
  ): T | undefined => (typeof value === "function" ? value({ attempt: 1 }) : value);
  return {
    cpu: own.cpu ?? first(task.cpu),
    memory: own.memory ?? first(task.memory),
    gpu: own.gpu ?? first(task.gpu),
    disk: own.disk ?? first(task.disk),
    image: own.image ?? task.image,
    network: own.network ?? task.network,
    volumes: own.volumes ?? absolute(task.volumes),
    secrets: own.secrets ?? task.secrets,
    env: { ...task.env, ...own.env },
  };
}

/** A worker has no work directory of its own, as a job has. */
function absolute(volumes: TaskOptions["volumes"]): TaskOptions["volumes"] {
  const relative = Object.keys(volumes ?? {}).find((at) => !at.startsWith("/"));
  if (relative === undefined) return volumes;
  throw new LigaseError("LIGASE_E_ENDPOINT", `the task of an endpoint mounts a volume at ${relative}`, {
    facts: { at: relative },
    mend: 'say where workers see it: endpoint(task, { volumes: { "/weights": volume("weights") } })',
  });
}
