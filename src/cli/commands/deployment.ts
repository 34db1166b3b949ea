import type { DeploymentManifest } from "../../endpoints/types.ts";
import { changesOf } from "../../endpoints/deployments/plan.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { DeploymentView, EndpointView, PlanView, Remote } from "../../remote/index.ts";
import { settled } from "../deploy/settle.ts";
import { findId } from "../find-remote.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { REMOTE, remoteOf } from "../remote.ts";
import { planLines } from "../reports/plan-lines.ts";
import { ask, canAsk } from "../terminal/ask.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago, moment } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, verbOf } from "./command.ts";

const OPTIONS = {
  all: { type: "boolean", doc: "ls: also versions that are gone for good" },
  to: { type: "number", value: "<version>", doc: "rollback: to this version (the one that was live before)" },
  yes: { type: "boolean", short: "y", doc: "rm: do not ask" },
  ...JSON_OUT,
  ...REMOTE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

const VERBS = ["ls", "show", "diff", "rollback", "stop", "start", "rm"] as const;

/** `ligase deployment` */
export const deployment = defineCommand(
  {
    usage: "deployment <ls|show|diff|rollback|stop|start|rm> [app or deployment]...",
    about: [
      "Looks at what is deployed, and changes it as a whole. ls lists the versions of apps; show tells one; diff compares two, or one with what is live.",
      "rollback makes the version before the live one live again, as a new version; nothing is uploaded, and no request is lost. stop ends the workers of an app and refuses new jobs, start takes them again; rm removes the app with its endpoints.",
    ],
    examples: [
      "ligase deployment ls",
      "ligase deployment show 7k2m",
      "ligase deployment diff 7k2m 9qa0",
      "ligase deployment rollback plasmids",
      "ligase deployment stop plasmids",
    ],
    options: OPTIONS,
  },
  { least: 1, most: 3 },
  async ({ options, words: [verb = "", ...words] }, terminal) => {
    const known = verbOf("deployment", VERBS, verb);
    const most = known === "diff" ? 2 : 1;
    if (words.length > most) throw usageError("LIGASE_E_FLAG", `ligase deployment ${known} takes ${most} at most`);
    const remote = await remoteOf(options);
    const [word] = words;
    if (known === "ls") return list(remote, word, options, terminal);
    if (known === "show") return show(remote, word, options, terminal);
    if (known === "diff") return diff(remote, words, options, terminal);
    const app = await appOf(remote, word, known);
    if (known === "rollback") return rollback(remote, app, options, terminal);
    if (known === "rm") return remove(remote, app, options, terminal);
    const endpoints = await remote.ask<EndpointView[]>("POST", `/apps/${encodeURIComponent(app)}/${known}`);
    if (printJson(options, endpoints, terminal)) return 0;
    const names = endpoints.map(({ name }) => name).join(", ");
    terminal.note(known === "stop" ? `${names}: stopped; jobs that wait stay` : `${names}: started`);
    return 0;
  },
);

async function list(remote: Remote, app: string | undefined, options: Options, terminal: Terminal): Promise<number> {
  const query = app === undefined ? "" : `?app=${encodeURIComponent(app)}`;
  const found = await remote.ask<DeploymentView[]>("GET", `/deployments${query}`);
  const shown = options.all ? found : found.filter(({ state }) => state !== "removed");
  if (printJson(options, shown, terminal)) return 0;
  if (shown.length === 0) terminal.note("nothing is deployed: ligase deploy <file> does it");
  const paint = terminal.styleOut;
  const rows = shown.map(({ id, app: name, version, state, endpoints, createdAt, createdBy, gitCommit }) => [
    paint("dim", id),
    name,
    String(version),
    state === "live" ? paint("good", state) : state === "failed" ? paint("bad", state) : paint("dim", state),
    endpoints.join(", "),
    `${ago(createdAt)} by ${createdBy}`,
    paint("dim", gitCommit?.slice(0, 8) ?? ""),
  ]);
  for (const line of columns(rows, { right: [2] })) terminal.out(line.trimEnd());
  return 0;
}

async function show(remote: Remote, word: string | undefined, options: Options, terminal: Terminal): Promise<number> {
  const found = await find(remote, word);
  if (printJson(options, found, terminal)) return 0;
  const { id, app, version, state, entry, codeHash, createdAt, createdBy, gitCommit } = found;
  const manifest = manifestOf(found);
  const paint = terminal.styleOut;
  terminal.out(`${paint("strong", app)} version ${version}, ${state}`);
  terminal.out(`deployment ${id}, ${moment(createdAt)} by ${createdBy}`);
  terminal.out(
    `${entry}, code ${codeHash.slice(0, 8)}${gitCommit === null ? "" : `, commit ${gitCommit.slice(0, 8)}`}`,
  );
  const plan = planOf(app, new Map(), manifest);
  for (const line of planLines(plan, paint).slice(1)) terminal.out(line.replace("+ ", ""));
  return 0;
}

/** Two versions; or one against what is live of its app. */
async function diff(remote: Remote, words: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  const [first, second] = words;
  const before = await find(remote, first);
  const after = second === undefined ? await liveOf(remote, before.app) : await find(remote, second);
  const plan = planOf(
    before.app,
    new Map(manifestOf(before).endpoints.map((one) => [one.name, one])),
    manifestOf(after),
  );
  if (printJson(options, plan.changes, terminal)) return 0;
  const paint = terminal.styleOut;
  terminal.out(`${paint("strong", before.app)} version ${before.version} → ${after.version}`);
  for (const line of planLines(plan, paint).slice(1)) terminal.out(line);
  return 0;
}

async function rollback(
  remote: Remote,
  app: string,
  { to, json, jsonl }: Options,
  terminal: Terminal,
): Promise<number> {
  const versions = await remote.ask<DeploymentView[]>("GET", `/deployments?app=${encodeURIComponent(app)}`);
  const live = versions.find(({ state }) => state === "live");
  const earlier = versions.filter(({ state, version }) => state === "retired" && version < (live?.version ?? Infinity));
  const target =
    to === undefined ? earlier[0] : versions.find(({ version, state }) => version === to && state !== "removed");
  if (!target) {
    throw new LigaseError(
      "LIGASE_E_NO_DEPLOYMENT",
      `${app} has no ${to === undefined ? "version before" : `version ${to}`}`,
      {
        facts: { app, versions: earlier.map(({ version }) => version) },
        mend: "ligase deployment ls lists what there is",
      },
    );
  }
  const made = await remote.ask<DeploymentView>("POST", `/deployments/${target.id}/activate`);
  const told = await settled(remote, made.id, `version ${made.version} of ${app}`, terminal);
  const good = told.endpoints.every(({ ready }) => ready);
  if (printJson({ json, jsonl }, { deployment: made, settled: told }, terminal)) return good ? 0 : 1;
  if (good) terminal.note(`version ${made.version} of ${app} is live: it is what version ${target.version} was`);
  for (const { endpoint, ready, reason } of told.endpoints) if (!ready) terminal.note(`${endpoint}: ${reason}`);
  return good ? 0 : 1;
}

async function remove(remote: Remote, app: string, { yes }: Options, terminal: Terminal): Promise<number> {
  const own = (await remote.ask<EndpointView[]>("GET", "/endpoints")).filter((each) => each.app === app);
  const names = own.map(({ name }) => name).join(", ");
  if (!yes) {
    if (!canAsk(terminal))
      throw usageError("LIGASE_E_FLAG", `this removes ${names}, and nobody is here to be asked`, "say --yes");
    if (!(await ask(`Remove ${app} with ${names}?`))) return 1;
  }
  await remote.ask("DELETE", `/apps/${encodeURIComponent(app)}`);
  terminal.note(`removed ${app}: ${names}`);
  return 0;
}

/** The app that is meant; the only one, when none is named. */
async function appOf(remote: Remote, word: string | undefined, verb: string): Promise<string> {
  if (word !== undefined) return word;
  const apps = [...new Set((await remote.ask<EndpointView[]>("GET", "/endpoints")).map(({ app }) => app))];
  const [only, ...others] = apps;
  if (only !== undefined && others.length === 0) return only;
  throw usageError(
    "LIGASE_E_FLAG",
    `ligase deployment ${verb} needs an app`,
    apps.length === 0 ? "nothing is deployed" : `there are ${apps.join(", ")}`,
  );
}

/** A deployment by its id or the beginning of it, or what is live of an app. */
async function find(remote: Remote, word: string | undefined): Promise<DeploymentView> {
  const all = await remote.ask<DeploymentView[]>("GET", "/deployments");
  const live = all.filter(({ state, app }) => state === "live" && (word === undefined || app === word));
  const [first] = live;
  if (first && (word !== undefined || live.length === 1)) return remote.ask("GET", `/deployments/${first.id}`);
  if (word === undefined) throw usageError("LIGASE_E_FLAG", "which deployment?", "ligase deployment ls lists them");
  return remote.ask(
    "GET",
    `/deployments/${findId(
      word,
      all.map(({ id }) => id),
      "deployment",
    )}`,
  );
}

async function liveOf(remote: Remote, app: string): Promise<DeploymentView> {
  const all = await remote.ask<DeploymentView[]>("GET", `/deployments?app=${encodeURIComponent(app)}`);
  const live = all.find(({ state }) => state === "live");
  if (live) return remote.ask("GET", `/deployments/${live.id}`);
  throw new LigaseError("LIGASE_E_NO_DEPLOYMENT", `nothing of ${app} is live`, { facts: { app } });
}

function manifestOf({ id, manifest }: DeploymentView): DeploymentManifest {
  if (typeof manifest === "object" && manifest !== null && "endpoints" in manifest)
    return manifest as DeploymentManifest;
  throw new LigaseError("LIGASE_E_FORBIDDEN", `what ${id} is made of may be seen by who may deploy`, {
    facts: { deployment: id },
    mend: "use a key with the verb deploy",
  });
}

function planOf(
  app: string,
  before: Parameters<typeof changesOf>[0],
  { endpoints, partial }: DeploymentManifest,
): PlanView {
  return { app, live: null, changes: changesOf(before, endpoints, partial ?? false), problems: [] };
}
