import { ENDPOINT_SETTINGS, type EndpointWorkerSettings, isTyped } from "../../worker/endpoint/index.ts";
import type { LiveEndpoint } from "../types.ts";

/** Milliseconds between two signs of life of a worker that has a job. */
export const PING_MS = 10_000;

/** Variables that hold a worker's token: nobody is shown them. */
export const PRIVATE_VARIABLES: ReadonlySet<string> = new Set([ENDPOINT_SETTINGS, "RUNPOD_AI_API_KEY"]);

/** The worker that variables are for. */
export interface Told {
  readonly live: LiveEndpoint;
  readonly id: string;
  readonly token: string;
}

/**
 * What a worker of RunPod is told: where it takes jobs and answers them. `$ID` and `$RUNPOD_POD_ID` it fills in itself.
 *
 * @param url - of the server, on this machine
 */
export function runpodVariables({ live, id, token }: Told, url: string): Record<string, string> {
  const base = `${url}/v2/${encodeURIComponent(live.name)}`;
  const gpu = live.resources.gpu > 0 ? encodeURIComponent(live.resources.gpuKind ?? "gpu") : "cpu";
  return {
    RUNPOD_WEBHOOK_GET_JOB: `${base}/job-take/$ID?gpu=${gpu}`,
    RUNPOD_WEBHOOK_POST_OUTPUT: `${base}/job-done/$RUNPOD_POD_ID/$ID?gpu=${gpu}`,
    RUNPOD_WEBHOOK_POST_STREAM: `${base}/job-stream/$RUNPOD_POD_ID/$ID?gpu=${gpu}`,
    RUNPOD_WEBHOOK_PING: `${base}/ping/$RUNPOD_POD_ID`,
    RUNPOD_PING_INTERVAL: String(PING_MS),
    RUNPOD_POD_ID: id,
    RUNPOD_ENDPOINT_ID: live.name,
    RUNPOD_AI_API_KEY: token,
    RUNPOD_ENDPOINT_BASE_URL: `${url}/v2`,
    // Its checks of the machine end a worker where there is no internet, or under 4 GB of memory is free.
    RUNPOD_SKIP_AUTO_SYSTEM_CHECKS: "true",
    // What it prints is to be in its log when it is printed.
    PYTHONUNBUFFERED: "1",
  };
}

/** What a worker of ours is told. */
export function ownVariables(
  { live, id, token }: Told,
  program: EndpointWorkerSettings["program"],
  places: Pick<EndpointWorkerSettings, "socket" | "storeDir" | "enclosed">,
): Record<string, string> {
  const settings: EndpointWorkerSettings = {
    ...places,
    token,
    worker: id,
    endpoint: live.name,
    concurrency: live.concurrency,
    pingMs: PING_MS,
    program,
    codeDir: live.codeDir,
    parameters: live.parameters,
    input: program.kind === "node" && isTyped(live.input) ? live.input : null,
  };
  return { [ENDPOINT_SETTINGS]: JSON.stringify(settings) };
}
