import { type Log, LigaseError, newId } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { PlanView, SettledView } from "../../remote/index.ts";
import type { DeploymentRow, EndpointRow } from "../../store/serving.ts";
import type { Store } from "../../store/types.ts";
import type { Pools } from "../pool/types.ts";
import type { Queue } from "../queue/types.ts";
import type { Deployments } from "../services.ts";
import type { DeploymentManifest, EndpointManifest, EndpointOverrides, LiveEndpoint } from "../types.ts";
import { CodeStore } from "./code-store.ts";
import { type Deployed, liveEndpoint, parseOverrides, queueSettings, withOverrides } from "./live.ts";
import { parseManifest, readCode, readManifest } from "./manifest.ts";
import { changesOf } from "./plan.ts";
import { problemsOf, surroundings } from "./problems.ts";
import { checkOverrides } from "./scale.ts";
import { Settling } from "./settling.ts";
import { noApp, noDeployment, noEndpoint } from "./unknown.ts";

/** What deployments are opened with. */
export interface DeploymentsOptions {
  readonly project: Pick<Project, "store" | "settings">;
  readonly queue: Pick<Queue, "configure">;
  readonly pools: Pick<Pools, "configure" | "settled" | "workers">;
  readonly log: Log;
}

/** So many versions of an app can be gone back to. */
const KEPT_VERSIONS = 10;

/** What is deployed, in the store, with what is live of it at hand. */
export class StoredDeployments implements Deployments {
  readonly #store: Store;
  readonly #options: DeploymentsOptions;
  readonly #code: CodeStore;
  readonly #rows = new Map<string, EndpointRow>();
  /** Those that endpoints refer to, by id. */
  readonly #deployed = new Map<string, Deployed>();
  #live: ReadonlyMap<string, LiveEndpoint> = new Map();
  readonly #settling: Settling;
  /** What changes what is live comes one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DeploymentsOptions) {
    this.#options = options;
    this.#store = options.project.store;
    this.#code = new CodeStore(options.project.settings.storeDir);
    this.#settling = new Settling(options.pools, options.log);
  }

  /** Makes what was live before live again. */
  async open(): Promise<void> {
    const unproven = new Set<string>();
    for (const row of await this.#store.listEndpoints()) {
      this.#rows.set(row.name, row);
      const workers = await this.#store.listWorkers({ endpoint: row.name });
      const own = workers.filter(({ deployment }) => deployment === row.deployment);
      // One without workers was never asked for any since.
      if (own.length > 0 && own.every(({ readyAt }) => readyAt === null)) unproven.add(row.deployment);
      else this.#settling.prove(row.deployment);
    }
    for (const id of unproven) await this.#suspect(id);
    await this.#refresh();
    for (const id of unproven) void this.#watch(id);
  }

  /** A deployment that had not served when the server ended: the last of its app that was live before takes its place if it never does. */
  async #suspect(id: string): Promise<void> {
    const row = await this.#store.getDeployment(id);
    const before = row && (await this.#store.listDeployments(row.app)).find(({ state }) => state === "retired");
    if (!row || !before || before.version > row.version) return;
    this.#settling.prove(before.id);
    const endpoints = parseManifest(before.manifest).endpoints.map(({ name }): EndpointRow => {
      const { overrides = "{}", stopped = false } = this.#rows.get(name) ?? {};
      return { name, app: row.app, deployment: before.id, overrides, stopped };
    });
    this.#settling.follows(id, { live: [{ ...before, state: "live" }], endpoints });
  }

  async missing(hashes: readonly string[]): Promise<readonly string[]> {
    return this.#code.missing(hashes);
  }

  putCode(hash: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#code.put(hash, content);
  }

  async codeDir(code: DeploymentManifest["code"], codeHash: string): Promise<string> {
    return this.#code.tree(readCode(code, codeHash), codeHash);
  }

  async plan(manifest: unknown): Promise<PlanView> {
    return this.#plan(readManifest(manifest));
  }

  async #plan(manifest: DeploymentManifest): Promise<PlanView> {
    const { app, endpoints, partial } = manifest;
    const live = await this.#liveRow(app);
    return {
      app,
      live: live?.version ?? null,
      changes: changesOf(this.#manifestsOf(app), endpoints, partial ?? false),
      problems: problemsOf(manifest, await surroundings(this.#options.project, this.#rows.values())),
    };
  }

  deploy(given: unknown, by: string): Promise<DeploymentRow> {
    const manifest = readManifest(given);
    return this.#inTurn(async () => {
      const { changes, problems } = await this.#plan(manifest);
      if (problems.length > 0) {
        throw new LigaseError("LIGASE_E_DEPLOYMENT", problems.join("; "), {
          facts: { app: manifest.app, problems },
          mend: "nothing was deployed; mend this, and deploy again",
        });
      }
      const live = await this.#liveRow(manifest.app);
      if (live && changes.every(({ kind }) => kind === "same")) {
        const stopped = this.#rowsOf(manifest.app).filter((row) => row.stopped);
        if (stopped.length > 0) await this.#commit({ endpoints: stopped.map((row) => ({ ...row, stopped: false })) });
        return live;
      }
      return this.#switch(manifest, by);
    });
  }

  /** Makes a manifest live: in one transaction, then in the queue and the pools. */
  async #switch(manifest: DeploymentManifest, by: string): Promise<DeploymentRow> {
    const { app } = manifest;
    const codeDir = this.#code.tree(manifest.code, manifest.codeHash);
    const all = await this.#store.listDeployments(app);
    const row: DeploymentRow = {
      id: newId(),
      app,
      version: Math.max(0, ...all.map(({ version }) => version)) + 1,
      state: "live",
      manifest: JSON.stringify(manifest),
      createdAt: Date.now(),
      createdBy: by,
    };
    const before = this.#rowsOf(app);
    const named = new Set(manifest.endpoints.map(({ name }) => name));
    const stay = manifest.partial ? before.filter(({ name }) => !named.has(name)) : [];
    const still = new Set(stay.map(({ deployment }) => deployment));
    const wasLive = all.filter(({ state }) => state === "live");
    const retired = wasLive.filter(({ id }) => !still.has(id)).map((one) => ({ ...one, state: "retired" as const }));
    const forgotten = this.#forgotten(all.map((one) => retired.find(({ id }) => id === one.id) ?? one));
    this.#settling.follows(row.id, { live: wasLive, endpoints: before });
    this.#deployed.set(row.id, { version: row.version, manifest, codeDir });
    await this.#commit({
      deployments: [row, ...retired.filter(({ id }) => !forgotten.some((one) => one.id === id)), ...forgotten],
      endpoints: manifest.endpoints.map((each) => ({
        name: each.name,
        app,
        deployment: row.id,
        overrides: this.#overridesOf(each),
        stopped: false,
      })),
      removed: manifest.partial ? [] : before.map(({ name }) => name).filter((name) => !named.has(name)),
    });
    this.#options.log.info(`deployed ${app} version ${row.version}`, { app, deployment: row.id, by });
    void this.#watch(row.id);
    await this.#prune();
    return row;
  }

  /** What people changed of an endpoint stays, until it is deployed with other numbers of workers. */
  #overridesOf({ name, minWorkers, maxWorkers }: EndpointManifest): string {
    const row = this.#rows.get(name);
    if (!row) return "{}";
    const last = this.#deployed.get(row.deployment)?.manifest.endpoints.find((one) => one.name === name);
    return last?.minWorkers === minWorkers && last.maxWorkers === maxWorkers ? row.overrides : "{}";
  }

  /** Versions that are too old to be gone back to. */
  #forgotten(rows: readonly DeploymentRow[]): DeploymentRow[] {
    return rows
      .filter(({ state }) => state === "retired" || state === "failed")
      .slice(KEPT_VERSIONS)
      .map((row) => ({ ...row, state: "removed" }));
  }

  async activate(id: string, by: string): Promise<DeploymentRow> {
    const row = await this.#store.getDeployment(id);
    if (!row) throw noDeployment(id);
    return this.deploy(JSON.parse(row.manifest), by);
  }

  async settle(id: string): Promise<SettledView> {
    const known = this.#settling.answer(id);
    if (known) return known;
    const row = await this.#store.getDeployment(id);
    if (!row) throw noDeployment(id);
    if (this.#namesOf(id).length > 0) return this.#watch(id);
    const state = row.state === "failed" ? "it never served" : "another version is live";
    const { endpoints } = parseManifest(row.manifest);
    return { endpoints: endpoints.map(({ name }) => ({ endpoint: name, ready: false, reason: state })) };
  }

  #watch(id: string): Promise<SettledView> {
    return this.#settling.watch(id, this.#namesOf(id), () => this.#inTurn(() => this.#takeBack(id)));
  }

  /** Makes what was live before live again, if a deployment is still live and has never served. */
  async #takeBack(id: string): Promise<void> {
    const fallback = this.#settling.fallbackOf(id);
    const row = await this.#store.getDeployment(id);
    if (!fallback || row?.state !== "live") return;
    const back = new Set(fallback.endpoints.map(({ name }) => name));
    await this.#commit({
      deployments: [{ ...row, state: "failed" }, ...fallback.live],
      // What people changed meanwhile stays changed.
      endpoints: fallback.endpoints.map((one) => ({
        ...one,
        overrides: this.#rows.get(one.name)?.overrides ?? one.overrides,
      })),
      removed: this.#namesOf(id).filter((name) => !back.has(name)),
    });
    const versions = fallback.live.map(({ version }) => version).join(", ");
    this.#options.log.warn(`version ${row.version} of ${row.app} never served: version ${versions} is live again`, {
      app: row.app,
      deployment: id,
    });
  }

  stop(app: string): Promise<void> {
    return this.#setStopped(app, true);
  }

  start(app: string): Promise<void> {
    return this.#setStopped(app, false);
  }

  #setStopped(app: string, stopped: boolean): Promise<void> {
    return this.#inTurn(() => this.#commit({ endpoints: this.#expect(app).map((row) => ({ ...row, stopped })) }));
  }

  remove(app: string): Promise<void> {
    return this.#inTurn(async () => {
      const rows = this.#expect(app);
      const deployments = (await this.#store.listDeployments(app)).filter(({ state }) => state !== "removed");
      await this.#commit({
        deployments: deployments.map((row) => ({ ...row, state: "removed" })),
        removed: rows.map(({ name }) => name),
      });
      this.#options.log.info(`removed ${app}`, { app });
      await this.#prune();
    });
  }

  scale(endpoint: string, overrides: EndpointOverrides): Promise<LiveEndpoint> {
    checkOverrides(overrides);
    return this.#inTurn(async () => {
      const row = this.#rows.get(endpoint);
      const deployed = row && this.#deployed.get(row.deployment);
      const found = deployed?.manifest.endpoints.find(({ name }) => name === endpoint);
      if (!row || !found) throw noEndpoint(endpoint, [...this.#live.keys()]);
      const next = { ...parseOverrides(row.overrides), ...overrides };
      const { minWorkers, maxWorkers } = withOverrides(found, next);
      if (next.minWorkers !== undefined && next.minWorkers > maxWorkers) {
        throw new LigaseError(
          "LIGASE_E_REQUEST",
          `minWorkers of ${endpoint} cannot be ${next.minWorkers}: maxWorkers is ${maxWorkers}`,
          { facts: { endpoint, minWorkers, maxWorkers }, mend: "raise maxWorkers too" },
        );
      }
      await this.#commit({ endpoints: [{ ...row, overrides: JSON.stringify(next) }] });
      return this.#live.get(endpoint)!;
    });
  }

  live(): ReadonlyMap<string, LiveEndpoint> {
    return this.#live;
  }

  /** Records what changes, then everybody hears of it. */
  async #commit(change: {
    readonly deployments?: readonly DeploymentRow[];
    readonly endpoints?: readonly EndpointRow[];
    readonly removed?: readonly string[];
  }): Promise<void> {
    await this.#store.commitDeployment(change);
    for (const name of change.removed ?? []) this.#rows.delete(name);
    for (const row of change.endpoints ?? []) this.#rows.set(row.name, row);
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const used = new Set([...this.#rows.values()].map(({ deployment }) => deployment));
    for (const id of used) if (!this.#deployed.has(id)) await this.#load(id);
    for (const id of this.#deployed.keys()) if (!used.has(id)) this.#deployed.delete(id);
    const live = new Map<string, LiveEndpoint>();
    for (const row of this.#rows.values()) {
      const deployed = this.#deployed.get(row.deployment);
      const endpoint = deployed && liveEndpoint(row, deployed);
      if (endpoint) live.set(row.name, endpoint);
    }
    this.#live = live;
    const { queue, pools } = this.#options;
    for (const endpoint of live.values()) {
      if (endpoint.kind === "queue") queue.configure(endpoint.name, queueSettings(endpoint));
    }
    pools.configure([...live.values()]);
  }

  async #load(id: string): Promise<void> {
    const row = await this.#store.getDeployment(id);
    if (!row) return;
    const { log } = this.#options;
    let manifest: DeploymentManifest;
    try {
      manifest = parseManifest(row.manifest);
    } catch (error) {
      log.warn(`version ${row.version} of ${row.app} cannot be served: ${String(error)}`, { deployment: id });
      return;
    }
    let codeDir = this.#code.place(manifest.codeHash);
    try {
      codeDir = this.#code.tree(manifest.code, manifest.codeHash);
    } catch (error) {
      log.warn(`the code of ${row.app} is not there: ${String(error)}`, { deployment: id });
    }
    this.#deployed.set(id, { version: row.version, manifest, codeDir });
  }

  /** Frees the space of code that nobody can go back to. */
  async #prune(): Promise<void> {
    try {
      const workers = this.#options.pools.workers().filter(({ endedAt }) => endedAt === null);
      const busy = new Set(workers.map(({ deployment }) => deployment));
      const needed = (await this.#store.listDeployments())
        .filter(({ id, state }) => state !== "removed" || busy.has(id))
        .map(({ manifest }) => (JSON.parse(manifest) as Partial<DeploymentManifest>).codeHash ?? "");
      this.#code.prune(new Set(needed));
    } catch (error) {
      this.#options.log.warn(`code that is not needed could not be removed: ${String(error)}`);
    }
  }

  async #liveRow(app: string): Promise<DeploymentRow | undefined> {
    return (await this.#store.listDeployments(app)).find(({ state }) => state === "live");
  }

  #rowsOf(app: string): EndpointRow[] {
    return [...this.#rows.values()].filter((row) => row.app === app);
  }

  #namesOf(deployment: string): string[] {
    return [...this.#rows.values()].filter((row) => row.deployment === deployment).map(({ name }) => name);
  }

  /** What is live of an app, as it was deployed: what people changed of it since is no part of a plan. */
  #manifestsOf(app: string): Map<string, EndpointManifest> {
    return new Map(
      this.#rowsOf(app).flatMap(({ name, deployment }) => {
        const found = this.#deployed.get(deployment)?.manifest.endpoints.find((one) => one.name === name);
        return found ? [[name, found] as const] : [];
      }),
    );
  }

  #expect(app: string): EndpointRow[] {
    const rows = this.#rowsOf(app);
    if (rows.length > 0) return rows;
    throw noApp(app, [...new Set([...this.#rows.values()].map((row) => row.app))]);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
