import { mkdirSync, mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceProgram, ServiceRequest } from "../../executors/index.ts";
import type { Environment, Mount } from "../../images/types.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { VolumeMount } from "../../volumes/types.ts";
import { ENDPOINT_WORKER_PROGRAM, PYTHON_ENDPOINT_WORKER } from "../../worker/endpoint/index.ts";
import type { LiveEndpoint } from "../types.ts";
import { ownVariables, runpodVariables, type Told } from "./variables.ts";

/** Where a worker of a web app listens. */
export type WebAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** What is needed to start workers, besides their endpoint. */
export interface LaunchContext {
  readonly storeDir: string;
  readonly address: { readonly url: string; readonly socket: string };
  /** The environment of an image's definition; null where the tools of this machine stand for it. */
  environment(definition: unknown, signal: AbortSignal): Promise<Environment | null>;
  volumes(endpoint: LiveEndpoint, inImage: boolean): readonly VolumeMount[];
  secrets(names: readonly string[], endpoint: string): Promise<Readonly<Record<string, string>>>;
}

/** A worker that is to be started. */
export interface LaunchedWorker extends Told {
  readonly grant: { readonly gpus: readonly number[] };
  readonly stdout: string;
  readonly stderr: string;
  readonly abort: AbortController;
}

/** What is started, and where it is reached. */
export interface Launch {
  readonly request: ServiceRequest;
  /** Of a web app. */
  readonly address: WebAddress | null;
  /** A folder that was made for it alone: to be removed when it has ended. */
  readonly folder: string | null;
}

/** Where the volume of a worker of RunPod is, when it has one. */
const RUNPOD_VOLUME = "/runpod-volume";
/** What workers of ours read of the store: files that tasks gave back. */
const STORE_PARTS = ["outputs", "http"] as const;
/** What the program of a web app loads, besides what all do. */
const WEB_PACKAGES = ["@hono/node-server", "hono"];
const LOOPBACK = "127.0.0.1";
/** So short that the path of a socket in it is none too long for the kernel. */
const TMP = tmpdir().length > 60 ? "/tmp" : tmpdir();

/**
 * Finds and makes what a worker needs. One on this machine without secrets needs nothing that takes time: it is answered
 * at once, so that the first job of an endpoint waits for nothing.
 *
 * @throws LigaseError what images, volumes and secrets raise
 */
export function prepareLaunch(worker: LaunchedWorker, context: LaunchContext): Launch | Promise<Launch> {
  const { live, abort } = worker;
  if (live.image === null && live.secrets.length === 0 && live.program.kind !== "web-command") {
    return launchOf(worker, context, { environment: null, secrets: {}, port: 0 });
  }
  return (async () => {
    const environment = live.image === null ? null : await context.environment(live.image, abort.signal);
    const secrets = live.secrets.length === 0 ? {} : await context.secrets(live.secrets, live.name);
    const port = live.program.kind === "web-command" ? await freePort() : 0;
    return launchOf(worker, context, { environment, secrets, port });
  })();
}

/** What had to be waited for. */
interface Found {
  readonly environment: Environment | null;
  readonly secrets: Readonly<Record<string, string>>;
  readonly port: number;
}

function launchOf(worker: LaunchedWorker, context: LaunchContext, found: Found): Launch {
  const { live, id } = worker;
  const { environment, secrets, port } = found;
  const { storeDir } = context;
  const { program, resources, codeDir } = live;
  const isForeign = program.kind === "command" || program.kind === "web-command";
  const enclosed = environment !== null;
  const volumes = volumesOf(live, context, enclosed, isForeign);
  const folder = program.kind === "web" ? mkdtempSync(join(TMP, "ligase-web-")) : null;
  const socket = folder === null ? null : join(folder, "socket");
  const request: ServiceRequest = {
    name: id,
    program: programOf(live, port),
    env: { ...live.env, ...variablesOf(worker, context, { enclosed, port, listen: socket ?? "" }) },
    cwd: isForeign ? codeDir : null,
    environment,
    mounts: enclosed ? mountsOf(live, context, folder) : [],
    volumes,
    // A port on loopback, and the server's, are on the network.
    network: live.network || isForeign,
    limits: { cpu: resources.cpu, memory: resources.memory, processes: 0, disk: resources.disk },
    gpus: worker.grant.gpus,
    secrets,
    stdout: worker.stdout,
    stderr: worker.stderr,
  };
  mkdirSync(join(storeDir, "work"), { recursive: true });
  const address =
    socket !== null ? { socketPath: socket } : program.kind === "web-command" ? { host: LOOPBACK, port } : null;
  return { request, address, folder };
}

function programOf({ program, codeDir }: LiveEndpoint, port: number): ServiceProgram {
  switch (program.kind) {
    case "node":
      return { kind: "node", file: fileURLToPath(ENDPOINT_WORKER_PROGRAM) };
    case "web":
      return { kind: "node", file: fileURLToPath(ENDPOINT_WORKER_PROGRAM), packages: WEB_PACKAGES };
    case "python":
      return { kind: "python", module: PYTHON_ENDPOINT_WORKER, folders: [codeDir] };
    case "command":
      return { kind: "command", command: program.command };
    case "web-command":
      return { kind: "command", command: program.command.map((word) => withPort(word, port)) };
  }
}

/** Puts the port in place of `$PORT` and `${PORT}`. No shell reads it. */
function withPort(word: string, port: number): string {
  return word.replaceAll(/\$(?:PORT(?!\w)|\{PORT\})/g, String(port));
}

function variablesOf(
  worker: LaunchedWorker,
  { address, storeDir }: LaunchContext,
  { enclosed, port, listen }: { readonly enclosed: boolean; readonly port: number; readonly listen: string },
): Record<string, string> {
  const { program } = worker.live;
  const places = { socket: address.socket, storeDir, enclosed };
  switch (program.kind) {
    case "node":
    case "python":
      return ownVariables(worker, program, places);
    case "web":
      return ownVariables(worker, { ...program, listen }, places);
    case "command":
      return runpodVariables(worker, address.url);
    case "web-command":
      return { PORT: String(port), HOST: LOOPBACK, PYTHONUNBUFFERED: "1" };
  }
}

/** What a worker in an environment sees of this machine: its code, and for ours the server's socket and files of the store. */
function mountsOf(live: LiveEndpoint, { address, storeDir }: LaunchContext, folder: string | null): Mount[] {
  const mount = (path: string, writable = false): Mount => ({ from: path, at: path, writable });
  const { kind } = live.program;
  if (kind === "command" || kind === "web-command") return [mount(live.codeDir)];
  const parts = STORE_PARTS.map((part) => join(storeDir, part));
  for (const part of parts) mkdirSync(part, { recursive: true });
  return [
    ...parts.map((part) => mount(part)),
    mount(live.codeDir),
    mount(dirname(address.socket)),
    ...(folder === null ? [] : [mount(folder, true)]),
  ];
}

function volumesOf(
  live: LiveEndpoint,
  context: LaunchContext,
  enclosed: boolean,
  isForeign: boolean,
): readonly VolumeMount[] {
  if (live.volumes.length === 0) return [];
  const volumes = context.volumes(live, enclosed);
  const relative = volumes.find(({ at }) => !isAbsolute(at));
  if (isForeign && relative !== undefined) {
    throw new LigaseError(
      "LIGASE_E_VOLUME",
      `the volume ${relative.name} cannot be mounted at ${relative.at}: a command starts in the folder of its code, which nobody can write to`,
      {
        facts: { volume: relative.name, at: relative.at },
        mend: `give the endpoint an image, and mount it at an absolute path: "/mnt/${relative.name}"`,
      },
    );
  }
  const [only] = volumes;
  const isRunpods = live.program.kind === "command" && enclosed && volumes.length === 1;
  return isRunpods && only !== undefined && only.at !== RUNPOD_VOLUME
    ? [only, { ...only, at: RUNPOD_VOLUME }]
    : volumes;
}

/** A port of this machine that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, LOOPBACK, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
