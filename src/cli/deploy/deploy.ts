import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import type { DeploymentManifest } from "../../endpoints/types.ts";
import { formatBytes } from "../../kernel/index.ts";
import { findProject } from "../../project/project.ts";
import {
  type DeploymentView,
  type EndpointView,
  isLoopback,
  type PlanView,
  type Remote,
  type ServerView,
  type SettledView,
  uploadCode,
} from "../../remote/index.ts";
import { planLines, planSum } from "../reports/plan-lines.ts";
import { workflowPath } from "../run/workflow-path.ts";
import { ask, canAsk } from "../terminal/ask.ts";
import { count } from "../terminal/count.ts";
import { divertOutput } from "../terminal/divert.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { curlLine, urlOf } from "./how-to-call.ts";
import { type App, readApp } from "./read-app.ts";
import { lastWords, settled } from "./settle.ts";

/** What was said on the command line. */
export interface DeployFlags {
  /** The name of the app. */
  readonly app?: string | undefined;
  /** Only tell what would change. */
  readonly plan: boolean;
  /** Do not ask. */
  readonly yes: boolean;
  /** Only the result, as JSON. */
  readonly json: boolean;
}

/** What came of it. */
export interface Deployed {
  readonly plan: PlanView;
  /** Nothing where nothing was to be changed, or only the plan was wanted. */
  readonly deployment?: DeploymentView;
  readonly settled?: SettledView;
  /** Files of the project that count: when one changes, it is time to deploy again. */
  readonly sources: readonly string[];
  /** Does what was asked for serve? */
  readonly good: boolean;
}

/** `app.ts:fold` is the endpoint `fold` of `app.ts`. */
export function appAndEndpoint(word: string): { readonly file: string; readonly only: string | undefined } {
  const [, file = word, only] = /^(.+\.(?:py|[cm]?[jt]sx?)):([\w$-]+)$/.exec(word) ?? [];
  return { file, only };
}

/**
 * Reads an app, shows what would change, uploads what is new, and switches.
 *
 * @param word - `app.ts`, or `app.ts:fold`
 * @param storeDir - of the project around here, which is no part of it
 * @throws LigaseError what `readApp` and the server raise; `LIGASE_E_FLAG` where nobody can be asked
 */
export async function deployApp(
  word: string,
  flags: DeployFlags,
  { remote, storeDir }: { readonly remote: Remote; readonly storeDir: string },
  terminal: Terminal,
): Promise<Deployed> {
  const { file, only } = appAndEndpoint(word);
  const entry = workflowPath(file);
  const root = findProject(dirname(entry));
  // What the app prints when it is evaluated is no part of the result.
  const restore = divertOutput((line) => terminal.note(line));
  const app = await readApp({ entry, root, storeDir, only, app: flags.app }).finally(restore);
  const say = (line: string): void => (flags.json ? terminal.note(line) : terminal.out(line));
  for (const warning of app.warnings.slice(0, 5)) terminal.note(`${terminal.style("warn", "warning")} ${warning}`);
  const { manifest } = app;
  const base = { sources: sourcesOf(manifest).map((path) => join(root, path)) };
  const plan = await remote.ask<PlanView>("POST", "/deployments/plan", manifest);
  const changed = plan.changes.filter(({ kind }) => kind !== "same");
  const paint = flags.json ? terminal.style : terminal.styleOut;
  if (changed.length === 0 && plan.live !== null && plan.problems.length === 0) {
    say(`nothing to deploy: version ${plan.live} of ${plan.app} is live, and is the same`);
    return { ...base, plan, good: await isWell(remote, plan.app, terminal) };
  }
  for (const line of planLines(plan, paint)) say(line);
  if (plan.problems.length > 0) {
    say(paint("bad", `nothing was deployed: ${count(plan.problems.length, "problem")} above`));
    return { ...base, plan, good: false };
  }
  say(paint("dim", `${planSum(plan)}; ${codeText(app)}`));
  if (flags.plan) return { ...base, plan, good: true };
  await confirm(plan, flags.yes, terminal);
  await upload(remote, app, terminal);
  const deployment = await remote.ask<DeploymentView>("POST", "/deployments", manifest);
  const told = await settled(remote, deployment.id, `version ${deployment.version} of ${deployment.app}`, terminal);
  const good = told.endpoints.every(({ ready }) => ready);
  if (good) await tellGood(remote, app, { plan, deployment }, say, paint);
  else await tellBad(remote, plan, deployment, told, terminal);
  return { ...base, plan, deployment, settled: told, good };
}

/** What may be data, or a log that somebody writes, where all files of a project go. */
const CODE = /\.(?:py|[cm]?[jt]sx?|json|toml|ya?ml|txt|sh)$/;

/** The files of the project that an app is made of. */
function sourcesOf({ code, bundle, endpoints }: DeploymentManifest): string[] {
  const whole = bundle === null || endpoints.some(({ program }) => "command" in program);
  return code.map(({ path }) => path).filter((path) => !path.startsWith(".ligase/") && (!whole || CODE.test(path)));
}

/** Tells what is amiss with an app that is live. */
async function isWell(remote: Remote, app: string, terminal: Terminal): Promise<boolean> {
  const endpoints = await remote.ask<EndpointView[]>("GET", "/endpoints");
  const amiss = endpoints.filter((each) => each.app === app && each.reason !== null);
  for (const { name, reason } of amiss) terminal.note(`  ${terminal.style("strong", name)}: ${reason}`);
  return amiss.length === 0;
}

function codeText({ files }: App): string {
  return `code: ${count(files.length, "file")}, ${formatBytes(files.reduce((sum, { size }) => sum + size, 0))}`;
}

/** What is taken away is asked for: jobs may still come for it. */
async function confirm(plan: PlanView, yes: boolean, terminal: Terminal): Promise<void> {
  const gone = plan.changes.filter(({ kind }) => kind === "remove").map(({ endpoint }) => endpoint);
  if (gone.length === 0 || yes) return;
  if (canAsk(terminal)) {
    if (await ask(`Remove ${gone.join(", ")}?`)) return;
    throw usageError(
      "LIGASE_E_FLAG",
      "nothing was deployed",
      "to deploy one endpoint alone: ligase deploy app.ts:name",
    );
  }
  throw usageError(
    "LIGASE_E_FLAG",
    `this would remove ${gone.join(", ")}, and nobody is here to be asked`,
    "say --yes, or deploy one endpoint alone: ligase deploy app.ts:name",
  );
}

async function upload(remote: Remote, { files }: App, terminal: Terminal): Promise<void> {
  await uploadCode(remote, files, ({ files: all, bytes, sentFiles, sentBytes }) => {
    if (!terminal.live || all === 0) return;
    terminal.draw([
      `uploading ${sentFiles} of ${count(all, "file")}, ${formatBytes(sentBytes)} of ${formatBytes(bytes)}`,
    ]);
  });
  if (terminal.live) terminal.draw([]);
}

async function tellGood(
  remote: Remote,
  { manifest: { endpoints } }: App,
  { plan, deployment: { app, version } }: { readonly plan: PlanView; readonly deployment: DeploymentView },
  say: (line: string) => void,
  paint: Terminal["style"],
): Promise<void> {
  // A key that may deploy need not be one that may look at the server.
  const server = await remote.ask<ServerView>("GET", "/server").catch(() => undefined);
  const local = server && isLoopback(remote.url) && existsSync(server.storeDir) ? server.storeDir : undefined;
  say(`${paint("good", "✓")} version ${version} of ${app} is live`);
  for (const endpoint of endpoints) {
    say(`  ${paint("strong", endpoint.name)}  ${urlOf(endpoint, remote.url)}`);
    const isNew = plan.changes.some(({ endpoint: name, kind }) => name === endpoint.name && kind === "add");
    if (isNew) say(paint("dim", `    ${curlLine(endpoint, remote.url, local)}`));
  }
}

async function tellBad(
  remote: Remote,
  plan: PlanView,
  { id, app, version }: DeploymentView,
  { endpoints }: SettledView,
  terminal: Terminal,
): Promise<void> {
  const { style } = terminal;
  terminal.note(`${style("bad", "✗")} version ${version} of ${app} does not serve`);
  for (const { endpoint, ready, reason } of endpoints) {
    if (ready) continue;
    terminal.note(`  ${style("strong", endpoint)}: ${reason ?? "no worker became ready"}`);
    for (const line of await lastWords(remote, endpoint, id).catch(() => []))
      terminal.note(style("dim", `    ${line}`));
  }
  const now = await remote.ask<DeploymentView>("GET", `/deployments/${id}`).catch(() => undefined);
  terminal.note(
    now?.state === "failed" && plan.live !== null
      ? "the version before it goes on serving; no request was lost"
      : "nothing served before it: its workers are tried again now and then, until you deploy again",
  );
}
