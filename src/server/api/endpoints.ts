import type { Caller, LiveEndpoint } from "../../endpoints/index.ts";
import type { EndpointView } from "../../remote/index.ts";
import { mayUse } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { logsOf } from "./logs.ts";
import { badRequest, notThere } from "./problems.ts";
import { FOLLOW, type Route, route, routeWith } from "./route.ts";

/** What is live. */
export const endpointRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/endpoints",
    tag: "Endpoints",
    doc: "All endpoints and web apps that are live.",
    verb: "read",
    answer: ["Endpoint"],
    async run({ caller }, context) {
      return [...context.services.deployments.live().values()]
        .filter(({ name }) => mayUse(caller, name))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((each) => endpointView(each, context));
    },
  }),
  route({
    method: "GET",
    path: "/endpoints/{endpoint}",
    tag: "Endpoints",
    doc: "One of them: its queue, its workers, why jobs wait, and how fast it was of late.",
    verb: "read",
    answer: "Endpoint",
    run: async ({ params: { endpoint = "" }, caller }, context) =>
      endpointView(findEndpoint(context, caller, endpoint), context),
  }),
  routeWith("Scale", {
    method: "POST",
    path: "/endpoints/{endpoint}/scale",
    tag: "Endpoints",
    doc: "Changes how many workers it has at least and at most, until it is deployed with others.",
    verb: "deploy",
    answer: "Endpoint",
    async run({ params: { endpoint = "" }, body, caller }, context) {
      const { minWorkers: least, maxWorkers: most } = body;
      if (least === undefined && most === undefined) throw badRequest("minWorkers or maxWorkers is missing");
      const now = findEndpoint(context, caller, endpoint);
      if ((least ?? now.minWorkers) > (most ?? now.maxWorkers)) {
        throw badRequest(
          `minWorkers (${least ?? now.minWorkers}) is above maxWorkers (${most ?? now.maxWorkers})`,
          "change both at once",
        );
      }
      const overrides = {
        ...(least !== undefined && { minWorkers: least }),
        ...(most !== undefined && { maxWorkers: most }),
      };
      return endpointView(await context.services.deployments.scale(endpoint, overrides), context);
    },
  }),
  route({
    method: "POST",
    path: "/endpoints/{endpoint}/purge",
    tag: "Endpoints",
    doc: "Removes the jobs that wait.",
    verb: "submit",
    answer: "Removed",
    async run({ params: { endpoint = "" }, caller }, context) {
      findEndpoint(context, caller, endpoint);
      return { removed: await context.services.queue.purge(endpoint) };
    },
  }),
  route({
    method: "GET",
    path: "/endpoints/{endpoint}/logs",
    tag: "Endpoints",
    doc: "What its workers wrote: of those that live, and without following also of those that ended of late.",
    verb: "read",
    query: { follow: FOLLOW },
    answer: { lines: "LogLine" },
    async run({ params: { endpoint = "" }, query: { follow = false }, caller, signal }, context) {
      findEndpoint(context, caller, endpoint);
      const { pools } = context.services;
      const isOver = (endedAt: number | null): boolean => follow === true && endedAt !== null;
      const since = pools.workers(endpoint).filter(({ endedAt }) => isOver(endedAt));
      const passed = new Set(since.map(({ id }) => id));
      return logsOf({
        follow: follow === true,
        signal,
        workers: () => pools.workers(endpoint).filter(({ id }) => !passed.has(id)),
        onChange: (listener) => pools.onChange((worker) => worker.endpoint === endpoint && listener()),
        // Others may come at any time.
        isOver: () => false,
      });
    },
  }),
];

/**
 * An endpoint that is live, and that somebody may ask of.
 *
 * @throws LigaseError `LIGASE_E_NO_ENDPOINT`, naming the nearest
 */
function findEndpoint({ services }: ServerContext, caller: Caller, name: string): LiveEndpoint {
  const live = services.deployments.live();
  const found = live.get(name);
  if (found) return found;
  const known = [...live.keys()].filter((each) => mayUse(caller, each));
  throw notThere("endpoint", name, known, "LIGASE_E_NO_ENDPOINT");
}

/** An endpoint as the API tells of it. */
export function endpointView(endpoint: LiveEndpoint, { services }: ServerContext): EndpointView {
  const { name, kind, app, deployment, version, doc, stopped, minWorkers, maxWorkers, concurrency } = endpoint;
  const { queue, pools, statistics } = services;
  const { inQueue, inProgress, completed, failed, retried } = queue.counts(name);
  const { idle, running, initializing, ready, throttled, unhealthy } = pools.counts(name);
  const workers = pools.workers(name).filter(({ endedAt }) => endedAt === null);
  const known = workers.flatMap(({ memory }) => (memory === null ? [] : [memory]));
  return {
    name,
    kind,
    app,
    deployment,
    version,
    doc,
    stopped,
    url: kind === "queue" ? `/v2/${encodeURIComponent(name)}` : `/web/${encodeURIComponent(name)}/`,
    minWorkers,
    maxWorkers,
    concurrency,
    jobs: { inQueue, inProgress, completed, failed, retried },
    workers: { idle, running, initializing, ready, throttled, unhealthy },
    reason: stopped ? `the app ${app} is stopped: ligase deployment start ${app}` : pools.reason(name),
    stats: statistics.of(name),
    memory: known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0),
    gpus: [...new Set(workers.flatMap(({ gpus }) => gpus))].toSorted((a, b) => a - b),
  };
}
