import type { Caller } from "../../endpoints/index.ts";
import type { LogLineView, RunView } from "../../remote/index.ts";
import type { ServerContext } from "../context.ts";
import { LARGEST_LIST } from "./code.ts";
import { linesResponse } from "./logs.ts";
import { badRequest, forbidden, notThere } from "./problems.ts";
import { type Route, FOLLOW, route, routeWith } from "./route.ts";

/** The longest wait for the end of a run, in milliseconds: proxies break off what is silent for longer. */
const LONGEST_WAIT = 60_000;

/** Runs that are handed in. */
export const runRoutes: readonly Route[] = [
  routeWith("NewRun", {
    method: "POST",
    path: "/runs",
    tag: "Runs",
    doc: "Starts a run in a process of its own; its code was brought before.",
    verb: "deploy",
    limit: LARGEST_LIST,
    answer: "Run",
    async run({ body, caller }, { services }) {
      checkScope(caller);
      if ((body.command === undefined) === (body.expression === undefined)) {
        throw badRequest("command or expression is missing, or there are both");
      }
      return services.runs.submit(body, caller.name);
    },
  }),
  route({
    method: "GET",
    path: "/runs/{id}",
    tag: "Runs",
    doc: "Where a run stands; waits for its end if that is wanted.",
    verb: "read",
    query: {
      wait: {
        doc: "Milliseconds to wait for its end.",
        schema: { type: "integer", minimum: 0, maximum: LONGEST_WAIT, default: 0 },
      },
    },
    answer: "Run",
    async run({ params: { id = "" }, query: { wait }, caller, signal }, context) {
      checkScope(caller);
      return findRun(context, id, typeof wait === "number" ? wait : 0, signal);
    },
  }),
  route({
    method: "GET",
    path: "/runs/{id}/logs",
    tag: "Runs",
    doc: "What the jobs of a run wrote.",
    verb: "read",
    query: { follow: FOLLOW },
    answer: { lines: "LogLine" },
    async run({ params: { id = "" }, query: { follow }, caller, signal }, context) {
      checkScope(caller);
      await findRun(context, id, 0, signal);
      const { runs } = context.services;
      return linesResponse((left) => one(runs.logs(id, { follow: follow === true, signal: left })), signal);
    },
  }),
  route({
    method: "POST",
    path: "/runs/{id}/cancel",
    tag: "Runs",
    doc: "Ends a run.",
    verb: "deploy",
    answer: "Run",
    async run({ params: { id = "" }, caller }, { services }) {
      checkScope(caller);
      const run = await services.runs.cancel(id);
      if (!run) throw notThere("run", id, []);
      return run;
    },
  }),
];

async function* one(lines: AsyncIterable<LogLineView>): AsyncGenerator<readonly LogLineView[]> {
  for await (const line of lines) yield [line];
}

/** A run is of no endpoint. */
function checkScope({ endpoints }: Caller): void {
  if (endpoints !== null) throw forbidden("this key is for some endpoints, and runs are of none");
}

async function findRun({ services }: ServerContext, id: string, wait: number, signal: AbortSignal): Promise<RunView> {
  const run = await services.runs.get(id, wait, signal);
  if (!run) throw notThere("run", id, []);
  return run;
}
