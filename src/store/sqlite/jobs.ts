import type { Hash } from "../../kernel/index.ts";
import type { CallCount, ChildCount, JobFilter, JobRow, JobState, ReasonCount, TaskCount, TaskTime } from "../types.ts";
import { ENDPOINT_PREFIX } from "../endpoint-task.ts";
import type { Connection, Statement } from "./connection.ts";
import { json, list, number, numberOrNull, type Row, text, textOrNull, textsOrNull, word } from "./row.ts";
import { Where } from "./where.ts";

const STATES: readonly JobState[] = ["pending", "running", "done", "cached", "failed", "cancelled"];

/** The columns of a job, in the order in which {@link toJob} reads them. */
const COLUMNS =
  "id, run, parent, call, task, task_hash, args_value, state, reason, executor, created_at, started_at, ended_at, attempts, error_value, tags";

/** A row as an array: of 100,000 jobs that takes half the time of rows with names. */
function toJob(row: Row): JobRow {
  return {
    id: text(row[0]),
    run: text(row[1]),
    parent: textOrNull(row[2]),
    call: text(row[3]),
    task: text(row[4]),
    taskHash: text(row[5]),
    argsValue: text(row[6]),
    state: word(STATES, row[7]),
    reason: text(row[8]),
    executor: text(row[9]),
    createdAt: number(row[10]),
    startedAt: numberOrNull(row[11]),
    endedAt: numberOrNull(row[12]),
    attempts: number(row[13]),
    errorValue: textOrNull(row[14]),
    tags: textsOrNull(row[15]),
  };
}

function toCount(row: Row): TaskCount {
  return {
    task: text(row["task"]),
    state: word(STATES, row["state"]),
    jobs: number(row["jobs"]),
    wallMs: numberOrNull(row["wall_ms"]) ?? 0,
  };
}

/**
 * The scripts that ran for a job whose body was cached: such a job has run. By their parent: the planner would take the
 * longer index and look at every script of the run for every job, half a minute for 25,000.
 */
const RAN = `from jobs as script indexed by jobs_parent where script.run = jobs.run and script.parent = jobs.id
  and script.task = 'script' and script.state = 'done' and jobs.state = 'cached'`;

/** Of the tables `jobs` and `runs`: no handler of an endpoint. */
export const NO_ENDPOINT = `substr(task, 1, ${ENDPOINT_PREFIX.length}) <> '${ENDPOINT_PREFIX}'`;

/** The conditions of a filter on the table `jobs`. */
export function whereOf(filter: JobFilter): Where {
  const where = new Where();
  if (filter.run !== undefined) where.and("run = ?", filter.run);
  if (filter.parent === null) where.and("parent is null");
  else if (filter.parent !== undefined) where.and("parent = ?", filter.parent);
  if (filter.states !== undefined) andStates(where, filter.states, filter.known === true);
  if (filter.task !== undefined) where.and("task = ?", filter.task);
  if (filter.endpoint === null) where.and(NO_ENDPOINT);
  if (filter.call !== undefined) where.and("call = ?", filter.call);
  if (filter.since !== undefined) where.and("created_at >= ?", filter.since);
  if (filter.known === true) where.and(`task <> '${SCRIPT}' and task not glob 'lift:*'`);
  if (filter.outside === true) where.and("executor <> 'inline'");
  if (filter.tags !== undefined) where.andTagsOfJobOrRun(filter.tags);
  if (filter.input !== undefined) where.andInput(filter.input);
  return where;
}

function andStates(where: Where, states: readonly JobState[], known: boolean): void {
  const done = states.includes("done");
  const cached = states.includes("cached");
  if (!known || done === cached) where.andIn("state", states);
  else if (cached) where.andIn("state", states).and(`not exists (select 1 ${RAN})`);
  else
    where.or(
      (one) => one.andIn("state", states),
      (other) => other.and(`exists (select 1 ${RAN})`),
    );
}

/** The task that runs scripts. */
export const SCRIPT = "script";

/** Of so many jobs the mean time is taken: enough to even out, few enough to follow a change of the code. */
const MEASURED = 100;
/** Among so many calls, the newest ones: a task that runs within the process has none to be measured. */
const LOOKED_AT = 1000;

/** The table `jobs`. */
export class Jobs {
  readonly #connection: Connection;
  readonly #listings = new Map<string, Statement>();
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #ids: Statement;
  readonly #find: Statement;
  readonly #count: Statement;
  readonly #tasks: Statement;
  readonly #calls: Statement;
  readonly #children: Statement;
  readonly #reasons: Statement;
  readonly #examples: Statement;
  readonly #scripts: Statement;
  readonly #time: Statement;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#upsert = connection.statement(`
      insert into jobs (id, run, parent, call, task, task_hash, args_value, state, reason, executor,
        created_at, started_at, ended_at, attempts, error_value, tags)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set call = excluded.call, task_hash = excluded.task_hash,
        args_value = excluded.args_value, state = excluded.state, reason = excluded.reason,
        executor = excluded.executor, started_at = excluded.started_at, ended_at = excluded.ended_at,
        attempts = excluded.attempts, error_value = excluded.error_value, tags = excluded.tags`);
    this.#get = connection.statement(`select ${COLUMNS} from jobs where id = ?`, { returnArrays: true });
    this.#find = connection.statement(
      `select ${COLUMNS} from jobs where id in (select value from json_each(?)) order by rowid`,
      { returnArrays: true },
    );
    this.#ids = connection.statement("select id from jobs where id >= ? and id < ? order by id limit ?");
    // Answered by the index jobs_task alone.
    this.#tasks = connection.statement("select distinct task_hash from jobs where run = ? order by task_hash");
    this.#count = connection.statement(`
      select task, state, count(*) as jobs, sum(ended_at - started_at) as wall_ms
      from jobs where run = ? group by task, state order by task, state`);
    // Counted by parent before parents are looked up: many jobs have the same one.
    this.#calls = connection.statement(`
      with made as materialized (
        select parent, task, state, count(*) as jobs, min(rowid) as first
        from jobs where run = ? group by parent, task, state
      )
      select body.task as parent, body.state as parent_state, made.task as task, made.state as state,
        sum(jobs) as jobs, min(first) as first
      from made left join jobs as body on body.id = made.parent
      group by body.task, body.state, made.task, made.state order by first`);
    // The examples of a group are the first that come by: 75,000 jobs take 75 ms, of which 65 for counting them.
    // SQLite would rather read the run in the order of the groups, for one child as for many.
    this.#children = connection.statement(`
      with groups as materialized (
        select task, state, count(*) as jobs, min(rowid) as first
        from jobs indexed by jobs_parent where run = ?1 and parent is ?2 group by task, state
      )
      select task, state, jobs, (
        select json_group_array(id) from (
          select id from jobs indexed by jobs_parent
          where run = ?1 and parent is ?2 and +task = groups.task and +state = groups.state order by rowid limit ?3)
      ) as examples
      from groups order by first`);
    // These two from the index alone as well: 100,000 jobs take 10 ms.
    this.#reasons = connection.statement(`
      select task, state, reason, count(*) as jobs, count(started_at) as begun
      from jobs where run = ? and task <> '${SCRIPT}' group by task, state, reason order by min(rowid)`);
    this.#examples = connection.statement(`
      select id from jobs
      where run = ?1 and task = ?2 and state = ?3 and reason = ?4 and (started_at is null) = ?5
      order by started_at limit ?6`);
    this.#scripts = connection.statement(`
      select jobs.id, body.task, jobs.state, jobs.reason, jobs.started_at
      from jobs left join jobs as body on body.id = jobs.parent
      where jobs.run = ? and jobs.task = '${SCRIPT}' 
        and (body.state is not jobs.state or (body.reason = 'hit' and jobs.state = 'failed'))
      order by jobs.started_at is null, jobs.started_at`);
    // Of calls rather than of jobs: those have an index by task across all runs, and each names the job that ran.
    this.#time = connection.statement(`
      select count(*) as jobs, avg(ms) as mean_ms from (
        select attempts.ended_at - attempts.started_at as ms
        from (select job, created_at from calls where task = ? order by created_at desc limit ${LOOKED_AT}) as recent
          join jobs on jobs.id = recent.job join runs on runs.id = jobs.run
          left join jobs as scripts indexed by jobs_parent
            on scripts.run = jobs.run and scripts.parent = jobs.id and scripts.task = '${SCRIPT}'
          join attempts on attempts.job = coalesce(scripts.id, jobs.id)
        where attempts.outcome = 'done' and runs.mode <> 'stub'
        order by recent.created_at desc limit ${MEASURED})`);
  }

  write(job: JobRow): void {
    this.#upsert().run(
      job.id,
      job.run,
      job.parent,
      job.call,
      job.task,
      job.taskHash,
      job.argsValue,
      job.state,
      job.reason,
      job.executor,
      job.createdAt,
      job.startedAt,
      job.endedAt,
      job.attempts,
      job.errorValue,
      json(job.tags),
    );
  }

  get(id: string): JobRow | undefined {
    const row = this.#get().get(id);
    return row && toJob(row);
  }

  /** Those of these that are there, oldest first. */
  find(ids: readonly string[]): JobRow[] {
    return this.#find().all(JSON.stringify(ids)).map(toJob);
  }

  /** Ids that start so. */
  ids(prefix: string, limit: number): string[] {
    return this.#ids()
      .all(prefix, `${prefix}\u{10ffff}`, limit)
      .map((row) => text(row["id"]));
  }

  /** In the order in which they were recorded, or the other way round. */
  list(filter: JobFilter): JobRow[] {
    const where = whereOf(filter);
    const order = filter.order === "newest" ? "rowid desc" : "rowid";
    const isPage = filter.limit !== undefined || filter.offset !== undefined;
    // The row ids are sorted by themselves: sorting 100,000 whole rows takes twice the time.
    const wanted = `select rowid from jobs${where.sql}${isPage ? ` order by ${order} limit ? offset ?` : ""}`;
    return this.#listing(`select ${COLUMNS} from jobs where rowid in (${wanted}) order by ${order}`)()
      .all(...where.values, ...(isPage ? [filter.limit ?? -1, filter.offset ?? 0] : []))
      .map(toJob);
  }

  /** Compiling takes longer than most answers; there are as many forms of it as there are ways to ask. */
  #listing(sql: string): Statement {
    const statement = this.#listings.get(sql) ?? this.#connection.statement(sql, { returnArrays: true });
    this.#listings.set(sql, statement);
    return statement;
  }

  /** Jobs of any runs by task and state. */
  countTasks(filter: JobFilter): TaskCount[] {
    const where = whereOf(filter);
    const counts = this.#connection
      .statement(
        // Run by run first, in the order of the index: a third of the time.
        `select task, state, sum(jobs) as jobs, sum(wall_ms) as wall_ms from (
          select run, task, state, count(*) as jobs, sum(ended_at - started_at) as wall_ms
          from jobs${where.sql} group by run, task, state
        ) group by task, state order by task, state`,
      )()
      .all(...where.values)
      .map(toCount);
    const isMixed =
      filter.known === true && filter.states === undefined && counts.some(({ state }) => state === "cached");
    return isMixed ? this.#withRan(counts, filter) : counts;
  }

  /** Jobs that were cached, but whose script ran, are counted as done. */
  #withRan(counts: TaskCount[], filter: JobFilter): TaskCount[] {
    const where = whereOf({ ...filter, states: ["done"] }).and("state = 'cached'");
    const ran = this.#connection
      .statement(
        `select task, 'done' as state, count(*) as jobs,
          sum((select sum(script.ended_at - script.started_at) ${RAN})) as wall_ms
        from jobs${where.sql} group by task`,
      )()
      .all(...where.values)
      .map(toCount);
    if (ran.length === 0) return counts;
    const changed = counts.map((each) => {
      const moved = ran.find(({ task }) => task === each.task);
      return moved && each.state === "cached" ? { ...each, jobs: each.jobs - moved.jobs } : each;
    });
    for (const { task, jobs, wallMs } of ran) {
      const done = changed.findIndex((each) => each.task === task && each.state === "done");
      const before = changed[done];
      if (before) changed[done] = { ...before, jobs: before.jobs + jobs, wallMs: before.wallMs + wallMs };
      else changed.push({ task, state: "done", jobs, wallMs });
    }
    return changed.filter(({ jobs }) => jobs > 0).sort((a, b) => (a.task < b.task ? -1 : a.task > b.task ? 1 : 0));
  }

  /** In the order of the oldest job of each. */
  countCalls(run: string): CallCount[] {
    return this.#calls()
      .all(run)
      .map((row) => ({
        parent: textOrNull(row["parent"]),
        parentState: row["parent_state"] === null ? null : word(STATES, row["parent_state"]),
        task: text(row["task"]),
        state: word(STATES, row["state"]),
        jobs: number(row["jobs"]),
      }));
  }

  /** In the order of the oldest job of each group. */
  countChildren(run: string, parent: string | null, examples: number): ChildCount[] {
    return this.#children()
      .all(run, parent, examples)
      .map((row) => ({
        task: text(row["task"]),
        state: word(STATES, row["state"]),
        jobs: number(row["jobs"]),
        examples: list(row["examples"], text),
      }));
  }

  /** How many jobs of a run went the same way for the same reason. */
  countReasons(run: string, examples: number): ReasonCount[] {
    const groups = this.#reasons()
      .all(run)
      .map((row) => ({
        task: text(row["task"]),
        script: false,
        state: word(STATES, row["state"]),
        reason: text(row["reason"]),
        jobs: number(row["jobs"]),
        begun: number(row["begun"]),
      }));
    const bodies = groups.map((group) => {
      const { task, state, reason, begun } = group;
      const rows = this.#examples().all(run, task, state, reason, begun === 0 ? 1 : 0, examples);
      return { ...group, examples: rows.map((row) => text(row["id"])) };
    });
    return [...bodies, ...this.#countScripts(run, examples)];
  }

  #countScripts(run: string, examples: number): ReasonCount[] {
    const groups = new Map<string, ReasonCount & { examples: string[] }>();
    for (const row of this.#scripts().all(run)) {
      const state = word(STATES, row["state"]);
      const reason = text(row["reason"]);
      const task = textOrNull(row["task"]);
      const key = JSON.stringify([task, state, reason]);
      const group = groups.get(key) ?? {
        task: task ?? SCRIPT,
        script: task !== null,
        state,
        reason,
        jobs: 0,
        begun: 0,
        examples: [],
      };
      group.jobs++;
      if (row["started_at"] !== null) group.begun++;
      if (group.examples.length < examples) group.examples.push(text(row["id"]));
      groups.set(key, group);
    }
    return [...groups.values()];
  }

  /** Tasks that never ran to an end outside of the process are absent. */
  times(tasks: readonly string[]): TaskTime[] {
    return tasks.flatMap((task) => {
      const row = this.#time().get(task);
      const jobs = number(row?.["jobs"]);
      return jobs === 0 ? [] : [{ task, jobs, meanMs: number(row?.["mean_ms"]) }];
    });
  }

  /** The versions of tasks that the jobs of a run are of. */
  tasksOf(run: string): Hash[] {
    return this.#tasks()
      .all(run)
      .map((row) => text(row["task_hash"]));
  }

  /** How many jobs of a run are in which state, task by task. */
  count(run: string): TaskCount[] {
    return this.#count().all(run).map(toCount);
  }
}
