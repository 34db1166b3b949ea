import type { EndpointView, JobView, KeyView, Remote, WorkerView } from "../../remote/index.ts";
import type { Candidate } from "./candidate.ts";

/** Whoever presses Tab does not wait for a server that is far away, in milliseconds. */
const PATIENCE = 1000;

/** What a server has, by what a usage calls it. */
const ASKED: Readonly<Record<string, (ask: <T>(path: string) => Promise<T>) => Promise<readonly Candidate[]>>> = {
  "<endpoint>": async (ask) =>
    (await ask<EndpointView[]>("/endpoints")).map(({ name, app, version }) => ({
      word: name,
      about: `of ${app}, version ${version}`,
    })),
  "<worker>": async (ask) =>
    (await ask<WorkerView[]>("/workers")).map(({ id, endpoint, state }) => ({
      word: id,
      about: `${state}, of ${endpoint}`,
    })),
  "<job>": async (ask) =>
    (await ask<JobView[]>("/jobs?limit=40")).map(({ id, endpoint, status }) => ({
      word: id,
      about: `${status}, of ${endpoint}`,
    })),
  "<key>": async (ask) =>
    (await ask<KeyView[]>("/keys")).flatMap(({ name, verbs, revokedAt }) =>
      revokedAt === null ? { word: name, about: verbs.join(", ") } : [],
    ),
};

/** Is this something that a server has? */
export function isOfServer(place: string): boolean {
  return Object.hasOwn(ASKED, place);
}

/** The names and ids that the server has which commands speak to; none where it does not answer soon. */
export async function serverCandidates(place: string): Promise<readonly Candidate[]> {
  const { remoteOf } = await import("../remote.ts");
  const remote: Remote = await remoteOf({});
  const signal = AbortSignal.timeout(PATIENCE);
  return (await ASKED[place]?.((path) => remote.ask("GET", path, undefined, signal))) ?? [];
}
