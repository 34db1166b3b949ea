import { join } from "node:path";
import type { Caller } from "../../endpoints/index.ts";
import type { WorkerView as OwnView, WorkerState } from "../../endpoints/pool/types.ts";
import type { WorkerView } from "../../remote/index.ts";
import type { WorkerRow } from "../../store/serving.ts";
import { isFromHere, mayUse } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { logsOf } from "./logs.ts";
import { badRequest, forbidden, notThere } from "./problems.ts";
import { FOLLOW, type Route, route } from "./route.ts";

/** Workers, and what they write. */
export const workerRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/workers",
    tag: "Workers",
    doc: "Those that live, then those that ended of late.",
    verb: "read",
    query: { endpoint: { doc: "Only of this endpoint.", schema: { type: "string" } } },
    answer: ["Worker"],
    async run({ query: { endpoint }, caller }, { services }) {
      const workers = services.pools.workers(typeof endpoint === "string" ? endpoint : undefined);
      return workers.filter((each) => mayUse(caller, each.endpoint)).map(told);
    },
  }),
  route({
    method: "GET",
    path: "/workers/{id}",
    tag: "Workers",
    doc: "One of them, also one of long ago that is still recorded.",
    verb: "read",
    answer: "Worker",
    run: async ({ params: { id = "" }, caller }, context) => told(await findWorker(context, caller, id)),
  }),
  route({
    method: "GET",
    path: "/workers/{id}/logs",
    tag: "Workers",
    doc: "What it wrote to stdout and stderr.",
    verb: "read",
    query: { follow: FOLLOW },
    answer: { lines: "LogLine" },
    async run({ params: { id = "" }, query: { follow = false }, caller, signal }, context) {
      const found = await findWorker(context, caller, id);
      const { pools } = context.services;
      const now = (): OwnView => pools.workers(found.endpoint).find((each) => each.id === id) ?? found;
      return logsOf({
        follow: follow === true,
        signal,
        workers: () => [now()],
        onChange: (listener) => pools.onChange((worker) => worker.id === id && listener()),
        isOver: () => now().endedAt !== null,
      });
    },
  }),
  route({
    method: "GET",
    path: "/workers/{id}/shell",
    tag: "Workers",
    doc: "The command with which a process comes to see what is inside the worker: for the user of the server, on its machine.",
    verb: "admin",
    answer: "ShellCommand",
    async run({ params: { id = "" }, caller, c }, context) {
      if (caller.kind !== "owner" || !isFromHere(c)) {
        throw forbidden("a shell in a worker is for the user of the server, on its machine");
      }
      const { endpoint, state } = await findWorker(context, caller, id);
      const shell = context.services.pools.shell(id);
      if (shell) return shell;
      throw badRequest(`the worker ${id} of ${endpoint} is ${state}: there is no shell in it`, "ligase worker ls");
    },
  }),
  route({
    method: "DELETE",
    path: "/workers/{id}",
    tag: "Workers",
    doc: "Ends a worker: what it has goes back into the queue, and another takes its place when there is need.",
    verb: "deploy",
    answer: "nothing",
    async run({ params: { id = "" }, caller }, context) {
      await findWorker(context, caller, id);
      if (!(await context.services.pools.stop(id, `stopped by ${caller.name}`))) {
        throw badRequest(`the worker ${id} has ended already`);
      }
    },
  }),
];

async function findWorker(context: ServerContext, caller: Caller, id: string): Promise<OwnView> {
  const live = context.services.pools.workers().filter(({ endpoint }) => mayUse(caller, endpoint));
  const found = live.find((each) => each.id === id);
  if (found) return found;
  const row = await context.store.getWorker(id);
  if (row && mayUse(caller, row.endpoint)) return recorded(row, context);
  throw notThere(
    "worker",
    id,
    live.map((each) => each.id),
  );
}

const STATES: readonly WorkerState[] = ["starting", "ready", "stopping", "ended", "failed"];

/** One that is only recorded has ended, whatever the record says: the server of then may have been killed. */
async function recorded(row: WorkerRow, { store, storeDir }: ServerContext): Promise<OwnView> {
  const { id, endpoint, deployment, jobs, startedAt, readyAt, reason, exitCode, signal, peakMemory, cpuMs } = row;
  return {
    id,
    endpoint,
    deployment,
    version: (await store.getDeployment(deployment))?.version ?? 0,
    state: row.endedAt === null ? "ended" : (STATES.find((each) => each === row.state) ?? "ended"),
    running: 0,
    jobs,
    startedAt,
    readyAt,
    endedAt: row.endedAt ?? startedAt,
    reason,
    exitCode,
    signal,
    memory: null,
    peakMemory,
    cpuMs,
    gpus: [],
    stdout: join(storeDir, row.stdout),
    stderr: join(storeDir, row.stderr),
  };
}

/** Where its logs lie is no one's business. */
function told(worker: OwnView): WorkerView {
  const { stdout: _stdout, stderr: _stderr, ...view } = worker;
  return view;
}
