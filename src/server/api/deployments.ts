import type { Caller, LiveEndpoint } from "../../endpoints/index.ts";
import type { DeploymentView } from "../../remote/index.ts";
import type { DeploymentRow } from "../../store/serving.ts";
import { mayUse } from "../auth/index.ts";
import type { ServerContext } from "../context.ts";
import { LARGEST_LIST } from "./code.ts";
import { endpointView } from "./endpoints.ts";
import { forbidden, notThere } from "./problems.ts";
import { type Route, route, routeWith } from "./route.ts";

/** What is deployed, and what that changes. */
export const deploymentRoutes: readonly Route[] = [
  routeWith("Manifest", {
    method: "POST",
    path: "/deployments/plan",
    tag: "Deployments",
    doc: "What deploying this would change, and what stands in its way. Nothing changes.",
    verb: "deploy",
    limit: LARGEST_LIST,
    answer: "Plan",
    async run({ body, caller }, { services }) {
      checkNames(caller, namesIn(body));
      return services.deployments.plan(body);
    },
  }),
  routeWith("Manifest", {
    method: "POST",
    path: "/deployments",
    tag: "Deployments",
    doc: "Deploys: what differs takes over once a worker of it is ready.",
    verb: "deploy",
    limit: LARGEST_LIST,
    answer: "Deployment",
    async run({ body, caller }, { services }) {
      checkNames(caller, namesIn(body));
      // What it no longer has goes.
      checkNames(caller, namesOf(liveOf(services.deployments.live(), appIn(body))));
      return deploymentView(await services.deployments.deploy(body, caller.name));
    },
  }),
  route({
    method: "GET",
    path: "/deployments",
    tag: "Deployments",
    doc: "All versions of all apps, or of one; newest first.",
    verb: "read",
    query: { app: { doc: "Only of this app.", schema: { type: "string" } } },
    answer: ["Deployment"],
    async run({ query: { app }, caller }, { store }) {
      const rows = await store.listDeployments(typeof app === "string" ? app : undefined);
      return rows.map(deploymentView).filter(({ endpoints }) => endpoints.some((name) => mayUse(caller, name)));
    },
  }),
  route({
    method: "GET",
    path: "/deployments/{id}",
    tag: "Deployments",
    doc: "One version; with its manifest for who may deploy.",
    verb: "read",
    answer: "Deployment",
    async run({ params: { id = "" }, caller }, context) {
      const row = await findDeployment(context, caller, id);
      // Its variables may be for few to know.
      const manifest = caller.verbs.has("deploy") ? { manifest: manifestOf(row) } : {};
      return { ...deploymentView(row), ...manifest };
    },
  }),
  route({
    method: "POST",
    path: "/deployments/{id}/settled",
    tag: "Deployments",
    doc: "Waits until it serves, or tells why it does not.",
    verb: "deploy",
    answer: "Settled",
    async run({ params: { id = "" }, caller }, context) {
      await findDeployment(context, caller, id);
      return context.services.deployments.settle(id);
    },
  }),
  route({
    method: "POST",
    path: "/deployments/{id}/activate",
    tag: "Deployments",
    doc: "Makes an earlier version live again, as a new one.",
    verb: "deploy",
    answer: "Deployment",
    async run({ params: { id = "" }, caller }, context) {
      const row = await findDeployment(context, caller, id);
      const { live, activate } = bound(context);
      checkNames(caller, [...deploymentView(row).endpoints, ...namesOf(liveOf(live(), row.app))]);
      return deploymentView(await activate(id, caller.name));
    },
  }),
  ...(["stop", "start"] as const).map((verb) =>
    route({
      method: "POST",
      path: `/apps/{app}/${verb}`,
      tag: "Deployments",
      doc:
        verb === "stop"
          ? "Ends the workers of an app, and takes no more jobs; what waits stays."
          : "Lets a stopped app go on.",
      verb: "deploy",
      answer: ["Endpoint"],
      async run({ params: { app = "" }, caller }, context) {
        checkApp(context, caller, app);
        await context.services.deployments[verb](app);
        return liveOf(context.services.deployments.live(), app).map((each) => endpointView(each, context));
      },
    }),
  ),
  route({
    method: "DELETE",
    path: "/apps/{app}",
    tag: "Deployments",
    doc: "Removes an app with its endpoints.",
    verb: "deploy",
    answer: "nothing",
    async run({ params: { app = "" }, caller }, context) {
      checkApp(context, caller, app);
      await context.services.deployments.remove(app);
    },
  }),
];

function bound({ services: { deployments } }: ServerContext) {
  return {
    live: () => deployments.live(),
    activate: (id: string, by: string) => deployments.activate(id, by),
  };
}

async function findDeployment({ store }: ServerContext, caller: Caller, id: string): Promise<DeploymentRow> {
  const row = await store.getDeployment(id);
  if (row && deploymentView(row).endpoints.some((name) => mayUse(caller, name))) return row;
  const known = caller.endpoints === null ? (await store.listDeployments()).map((each) => each.id) : [];
  throw notThere("deployment", id, known, "LIGASE_E_NO_DEPLOYMENT");
}

function checkApp({ services }: ServerContext, caller: Caller, app: string): void {
  const live = services.deployments.live();
  const own = liveOf(live, app);
  if (own.length === 0)
    throw notThere("app", app, new Set([...live.values()].map((each) => each.app)), "LIGASE_E_NO_DEPLOYMENT");
  checkNames(caller, namesOf(own));
}

/** A key for some endpoints deploys those alone. */
function checkNames(caller: Caller, names: readonly string[]): void {
  const other = names.find((name) => !mayUse(caller, name));
  if (other !== undefined) throw forbidden(`this key is not for the endpoint ${other}`);
}

function liveOf(live: ReadonlyMap<string, LiveEndpoint>, app: string | undefined): LiveEndpoint[] {
  return [...live.values()].filter((each) => each.app === app);
}

function namesOf(endpoints: readonly LiveEndpoint[]): string[] {
  return endpoints.map(({ name }) => name);
}

/** The names in a manifest that nobody has checked yet. */
function namesIn(manifest: unknown): string[] {
  const endpoints = isRecord(manifest) ? manifest["endpoints"] : undefined;
  if (!Array.isArray(endpoints)) return [];
  return endpoints.map((each: unknown) => (isRecord(each) ? String(each["name"]) : ""));
}

function appIn(manifest: unknown): string | undefined {
  const app = isRecord(manifest) ? manifest["app"] : undefined;
  return typeof app === "string" ? app : undefined;
}

function manifestOf({ manifest }: DeploymentRow): unknown {
  return JSON.parse(manifest);
}

/** A version as the API tells of it. */
function deploymentView(row: DeploymentRow): DeploymentView {
  const { id, app, version, state, createdAt, createdBy } = row;
  // It was checked before it was kept; one of another time may lack something.
  const manifest = manifestOf(row);
  const said = isRecord(manifest) ? manifest : {};
  const text = (name: string): string | null => (typeof said[name] === "string" ? said[name] : null);
  return {
    id,
    app,
    version,
    state,
    entry: text("entry") ?? "",
    codeHash: text("codeHash") ?? "",
    endpoints: namesIn(manifest),
    createdAt,
    createdBy,
    gitCommit: text("gitCommit"),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
