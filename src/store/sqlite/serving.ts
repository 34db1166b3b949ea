import type * as rows from "../types.ts";
import type { Tables } from "./tables.ts";
import type { Writer } from "./writer.ts";

/** What the store on SQLite says of what is served, and the ways to its tables and its writer. */
export class SqliteServing implements rows.ServingStore {
  protected readonly tables: Tables;
  protected readonly writer: Writer;

  constructor(tables: Tables, writer: Writer) {
    this.tables = tables;
    this.writer = writer;
  }

  // The queue.

  async commitQueue(batch: rows.QueueBatch): Promise<void> {
    await this.writer.write({ kind: "commit-queue", batch });
  }

  getQueueJob(id: string): Promise<rows.QueueJobRow | undefined> {
    return this.read(({ queueJobs }) => queueJobs.get(id));
  }

  listQueueJobs(filter: rows.QueueJobFilter = {}): Promise<readonly rows.QueueJobRow[]> {
    return this.read(({ queueJobs }) => queueJobs.list(filter));
  }

  openQueueJobs(): Promise<readonly rows.QueueJobRow[]> {
    return this.read(({ queueJobs }) => queueJobs.open());
  }

  unrecordedQueueJobs(limit: number): Promise<readonly rows.QueueJobRow[]> {
    return this.read(({ queueJobs }) => queueJobs.unrecorded(limit));
  }

  waitingWebhooks(): Promise<readonly rows.QueueJobRow[]> {
    return this.read(({ queueJobs }) => queueJobs.waitingWebhooks());
  }

  findIdempotent(endpoint: string, key: string): Promise<rows.QueueJobRow | undefined> {
    return this.read(({ queueJobs }) => queueJobs.withKey(endpoint, key));
  }

  listQueueChunks(job: string, from: number, limit = -1): Promise<readonly rows.QueueChunkRow[]> {
    return this.read(({ queueChunks }) => queueChunks.list(job, from, limit));
  }

  countQueueJobs(): ReturnType<rows.ServingStore["countQueueJobs"]> {
    return this.read(({ queueTotals }) => queueTotals.count());
  }

  async collectQueueJobs(before: number, limit: number): Promise<readonly rows.QueueJobRow[]> {
    return (await this.writer.write({ kind: "collect-queue", before, limit })).queueJobs ?? [];
  }

  // What is deployed.

  getDeployment(id: string): Promise<rows.DeploymentRow | undefined> {
    return this.read(({ deployments }) => deployments.get(id));
  }

  listDeployments(app?: string): Promise<readonly rows.DeploymentRow[]> {
    return this.read(({ deployments }) => deployments.list(app));
  }

  listEndpoints(): Promise<readonly rows.EndpointRow[]> {
    return this.read(({ endpoints }) => endpoints.list());
  }

  async commitDeployment(change: Parameters<rows.ServingStore["commitDeployment"]>[0]): Promise<void> {
    await this.writer.write({ kind: "commit-deployment", change });
  }

  // Workers.

  async putWorkers(workers: readonly rows.WorkerRow[]): Promise<void> {
    await this.writer.write({ kind: "put-workers", workers });
  }

  getWorker(id: string): Promise<rows.WorkerRow | undefined> {
    return this.read(({ workers }) => workers.get(id));
  }

  listWorkers(filter: Parameters<rows.ServingStore["listWorkers"]>[0] = {}): Promise<readonly rows.WorkerRow[]> {
    return this.read(({ workers }) => workers.list(filter.endpoint, filter.limit));
  }

  async collectWorkers(before: number, limit: number): Promise<readonly rows.WorkerRow[]> {
    return (await this.writer.write({ kind: "collect-workers", before, limit })).workers ?? [];
  }

  // Keys.

  async putApiKey(key: rows.ApiKeyRow): Promise<void> {
    await this.writer.write({ kind: "put-api-key", key });
  }

  findApiKey(hash: string): Promise<rows.ApiKeyRow | undefined> {
    return this.read(({ apiKeys }) => apiKeys.find(hash));
  }

  listApiKeys(): Promise<readonly rows.ApiKeyRow[]> {
    return this.read(({ apiKeys }) => apiKeys.list());
  }

  /** Answers at once, but as a promise; what the database throws becomes an error of ours. */
  protected async read<T>(question: (tables: Tables) => T): Promise<T> {
    return this.tables.connection.explained(() => question(this.tables));
  }
}
