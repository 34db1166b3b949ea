/**
 * What the server counts of itself, for Prometheus: `GET /metrics`, for whoever may read.
 *
 * @module
 */
import { Hono, type MiddlewareHandler } from "hono";
import { VERSION } from "../../kernel/index.ts";
import { allow, type Known } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { Counts } from "./counts.ts";
import { Exposition, EXPOSITION_TYPE, type Sample } from "./exposition.ts";

/** What counts, and what tells of it. */
export interface Metrics {
  /** Counts each request. */
  readonly count: MiddlewareHandler;
  readonly routes: Hono<Known>;
}

/** Counts from now on. */
export function createMetrics(context: ServerContext): Metrics {
  const counts = new Counts();
  counts.listen(context.services);
  const routes = new Hono<Known>().get("/", allow(context, "read"), (c) => {
    const { endpoints } = c.get("caller");
    if (endpoints !== null) return c.text("This key is for some endpoints, and metrics are of all.\n", 403);
    return c.body(metricsText(context, counts), 200, { "Content-Type": EXPOSITION_TYPE, "Cache-Control": "no-store" });
  });
  return {
    routes,
    async count(c, next) {
      const begun = performance.now();
      await next();
      const route = routeOf(c.req.path);
      counts.requests.add({ route, method: c.req.method, status: c.res.status });
      counts.answer.add(route, performance.now() - begun);
    },
  };
}

const ROUTES = ["/v2", "/web", "/api", "/files", "/health", "/metrics", "/docs"] as const;

/** The part of the server that was asked: paths hold ids, and there are too many of them. */
function routeOf(path: string): string {
  // Workers wait here for jobs, for as long as there are none.
  if (/^\/v2\/[^/]+\/(?:job-|ping\/)/.test(path)) return "/v2 of workers";
  return ROUTES.find((route) => path === route || path.startsWith(`${route}/`)) ?? "other";
}

function metricsText({ services, startedAt, now }: ServerContext, counts: Counts): string {
  const { queue, pools, deployments } = services;
  const live = [...deployments.live().values()].map(({ name }) => name);
  const each = (samples: (endpoint: string) => readonly Sample[]): Sample[] => live.flatMap(samples);
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return new Exposition()
    .add("ligase_info", "gauge", "The version of the server.", [{ labels: { version: VERSION }, value: 1 }])
    .add("ligase_jobs_submitted_total", "counter", "Jobs that were handed in.", counts.submitted.samples())
    .add("ligase_jobs_total", "counter", "Jobs that ended, by how.", counts.ended.samples())
    .add("ligase_jobs_returned_total", "counter", "Jobs whose worker died.", counts.returned.samples())
    .add(
      "ligase_queue_jobs",
      "gauge",
      "Jobs now, by state.",
      each((endpoint) => {
        const { inQueue, inProgress } = queue.counts(endpoint);
        return [
          { labels: { endpoint, state: "queued" }, value: inQueue },
          { labels: { endpoint, state: "running" }, value: inProgress },
        ];
      }),
    )
    .add(
      "ligase_queue_oldest_seconds",
      "gauge",
      "How long the oldest job waits.",
      each((endpoint) => {
        const { oldestQueuedAt } = queue.counts(endpoint);
        return [
          { labels: { endpoint }, value: oldestQueuedAt === null ? 0 : Math.max(0, now() - oldestQueuedAt) / 1000 },
        ];
      }),
    )
    .add(
      "ligase_workers",
      "gauge",
      "Workers now, by state.",
      each((endpoint) => {
        const { idle, running, initializing, throttled, unhealthy } = pools.counts(endpoint);
        const states = { idle, running, initializing, throttled, unhealthy };
        return Object.entries(states).map(([state, value]) => ({ labels: { endpoint, state }, value }));
      }),
    )
    .add(
      "ligase_worker_memory_bytes",
      "gauge",
      "Memory of the workers.",
      each((endpoint) => [
        { labels: { endpoint }, value: pools.workers(endpoint).reduce((sum, { memory }) => sum + (memory ?? 0), 0) },
      ]),
    )
    .add("ligase_workers_ended_total", "counter", "Workers that ended, by how.", counts.workersEnded.samples())
    .histogram("ligase_job_wait_seconds", "How long jobs waited for a worker.", counts.wait.all())
    .histogram("ligase_job_run_seconds", "How long jobs ran.", counts.run.all())
    .histogram("ligase_worker_start_seconds", "How long workers took to be ready.", counts.coldStart.all())
    .add("ligase_http_requests_total", "counter", "Requests that were answered.", counts.requests.samples())
    .histogram("ligase_http_request_seconds", "How long requests took until their answer began.", counts.answer.all())
    .add("process_resident_memory_bytes", "gauge", "Memory of the server.", [{ value: rss }])
    .add("nodejs_heap_size_used_bytes", "gauge", "Of it, what objects of JavaScript take.", [{ value: heapUsed }])
    .add("process_cpu_seconds_total", "counter", "Processor time of the server.", [{ value: (user + system) / 1e6 }])
    .add("process_start_time_seconds", "gauge", "When the server began, since 1970.", [{ value: startedAt / 1000 }])
    .text();
}
