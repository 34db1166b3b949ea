import { Attempts } from "./attempts.ts";
import { Calls } from "./calls.ts";
import { Collections } from "./collecting.ts";
import type { Connection } from "./connection.ts";
import { Edges } from "./edges.ts";
import { Engines } from "./engines.ts";
import { Fingerprints } from "./fingerprints.ts";
import { Images } from "./images.ts";
import { Jobs } from "./jobs.ts";
import { Programs } from "./programs.ts";
import { Recoveries } from "./recoveries.ts";
import { Runs } from "./runs.ts";
import { Secrets } from "./secrets.ts";
import { TaskSets } from "./task-sets.ts";
import { Tasks } from "./tasks.ts";
import type { ValueTexts } from "./value-texts.ts";
import { Values } from "./values.ts";

/** Every table with its statements, on one connection. */
export class Tables {
  readonly connection: Connection;
  readonly attempts: Attempts;
  readonly calls: Calls;
  readonly collections: Collections;
  readonly edges: Edges;
  readonly engines: Engines;
  readonly fingerprints: Fingerprints;
  readonly images: Images;
  readonly jobs: Jobs;
  readonly programs: Programs;
  readonly recoveries: Recoveries;
  readonly runs: Runs;
  readonly secrets: Secrets;
  readonly taskSets: TaskSets;
  readonly tasks: Tasks;
  readonly values: Values;

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
  }
}
