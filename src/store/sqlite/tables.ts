import { ApiKeys } from "./api-keys.ts";
import { Attempts } from "./attempts.ts";
import { Calls } from "./calls.ts";
import { Collections } from "./collecting.ts";
import type { Connection } from "./connection.ts";
import { Deployments } from "./deployments.ts";
import { Edges } from "./edges.ts";
import { Endpoints } from "./endpoints.ts";
import { Engines } from "./engines.ts";
import { Fingerprints } from "./fingerprints.ts";
import { Images } from "./images.ts";
import { Jobs } from "./jobs.ts";
import { Programs } from "./programs.ts";
import { QueueChunks } from "./queue-chunks.ts";
import { QueueJobs } from "./queue-jobs.ts";
import { QueueTotals } from "./queue-totals.ts";
import { Recoveries } from "./recoveries.ts";
import { Runs } from "./runs.ts";
import { Secrets } from "./secrets.ts";
import { TaskSets } from "./task-sets.ts";
import { Tasks } from "./tasks.ts";
import type { ValueTexts } from "./value-texts.ts";
import { Values } from "./values.ts";
import { Workers } from "./workers.ts";

/** Every table with its statements, on one connection. */
export class Tables {
  readonly connection: Connection;
  readonly apiKeys: ApiKeys;
  readonly attempts: Attempts;
  readonly calls: Calls;
  readonly collections: Collections;
  readonly deployments: Deployments;
  readonly edges: Edges;
  readonly endpoints: Endpoints;
  readonly engines: Engines;
  readonly fingerprints: Fingerprints;
  readonly images: Images;
  readonly jobs: Jobs;
  readonly programs: Programs;
  readonly queueChunks: QueueChunks;
  readonly queueJobs: QueueJobs;
  readonly queueTotals: QueueTotals;
  readonly recoveries: Recoveries;
  readonly runs: Runs;
  readonly secrets: Secrets;
  readonly taskSets: TaskSets;
  readonly tasks: Tasks;
  readonly values: Values;
  readonly workers: Workers;

  /** For `texts` and `inlineChars` see {@link Values}. */
  constructor(connection: Connection, texts: ValueTexts | undefined, inlineChars: number) {
    this.connection = connection;
    this.attempts = new Attempts(connection);
    this.values = new Values(connection, texts, inlineChars);
    this.calls = new Calls(connection, this.values);
    this.collections = new Collections(connection, this.calls, texts);
    this.edges = new Edges(connection);
    this.engines = new Engines(connection);
    this.fingerprints = new Fingerprints(connection);
    this.images = new Images(connection);
    this.jobs = new Jobs(connection);
    this.programs = new Programs(connection);
    this.recoveries = new Recoveries(connection);
    this.runs = new Runs(connection);
    this.secrets = new Secrets(connection);
    this.taskSets = new TaskSets(connection);
    this.tasks = new Tasks(connection);
    this.workers = new Workers(connection);
    this.queueTotals = new QueueTotals(connection);
    this.queueJobs = new QueueJobs(connection);
    this.queueChunks = new QueueChunks(connection);
    this.endpoints = new Endpoints(connection);
    this.deployments = new Deployments(connection);
    this.apiKeys = new ApiKeys(connection);
  }
}
