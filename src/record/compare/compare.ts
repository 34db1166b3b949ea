import type { Hash } from "../../kernel/index.ts";
import type { RunRow, Store } from "../../store/types.ts";
import { type ArgumentChange, differences, withContents } from "../explain/index.ts";
import type { ProjectRecord } from "../open.ts";
import { parameterNames } from "../parameter-names.ts";
import { changesOf, compareCode, comparePackages } from "./code.ts";
import { compareEnvironmentsOf } from "./environments.ts";
import { failuresOf } from "./failures.ts";
import { compareTasks } from "./tasks.ts";
import type { FactChange, RunComparison, RunSide } from "./types.ts";

/**
 * Compares two runs: code by declaration, arguments and results by place, what ran and how long it took by task, tools
 * and packages by version, failures by message.
 *
 * @example
 * ```ts
 * const { code, results } = await compareRuns(record, monday, tuesday);
 * ```
 */
export async function compareRuns(record: ProjectRecord, before: RunRow, after: RunRow): Promise<RunComparison> {
  const { store } = record;
  return {
    before: sideOf(before),
    after: sideOf(after),
    facts: changesOf(factsOf(before), factsOf(after)),
    code: await compareCode(store, before, after),
    packages: await comparePackages(store, before, after),
    tools: await compareTools(store, before, after),
    environments: await compareEnvironmentsOf(store, before.id, after.id),
    arguments: await compareArguments(record, before, after),
    results: await compareValues(record, before.resultValue, after.resultValue),
    tasks: await compareTasks(store, before.id, after.id),
    failures: { before: await failuresOf(store, before.id), after: await failuresOf(store, after.id) },
  };
}

function sideOf({ id, task, state, mode, startedAt, endedAt }: RunRow): RunSide {
  return { run: id, task, state, mode, startedAt, durationMs: endedAt === null ? undefined : endedAt - startedAt };
}

function factsOf(run: RunRow): ReadonlyMap<string, string> {
  const facts: [string, string | null][] = [
    ["task", run.task],
    ["mode", run.mode],
    ["commit", run.gitCommit && `${run.gitCommit.slice(0, 10)}${run.gitDirty ? ", with changes" : ""}`],
    ["command", run.argv.join(" ")],
    [
      "tags",
      Object.entries(run.tags)
        .map((tag) => tag.join("="))
        .toSorted()
        .join(" "),
    ],
    ["machine", run.host],
    ["user", run.user],
    ["ligase", run.ligaseVersion],
    ["node", run.nodeVersion],
  ];
  return new Map(facts.flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, value]])));
}

/** Arguments of other tasks are about other things. */
async function compareArguments(
  record: ProjectRecord,
  before: RunRow,
  after: RunRow,
): Promise<readonly ArgumentChange[]> {
  if (before.task !== after.task) return [];
  const names = await namesOf(record.store, after);
  return (await compareValues(record, before.argsValue, after.argsValue, names)) ?? [];
}

/** The places at which two values differ; nothing where there are not two. */
async function compareValues(
  record: ProjectRecord,
  before: Hash | null,
  after: Hash | null,
  names?: readonly string[],
): Promise<readonly ArgumentChange[] | undefined> {
  if (before === null || after === null) return undefined;
  if (before === after) return [];
  const texts = await record.store.findValues([before, after]);
  const [was, is] = [texts.get(before), texts.get(after)];
  if (was === undefined || is === undefined) return undefined;
  return Promise.all(differences(was, is, names).map((each) => withContents(record, { part: "argument", ...each })));
}

async function namesOf(store: Store, run: RunRow): Promise<readonly string[]> {
  const [root] = await store.listJobs({ run: run.id, parent: null, task: run.task, limit: 1 });
  return root ? parameterNames((await store.getTask(root.taskHash))?.code ?? "") : [];
}

/** Versions of the tools that jobs called in both runs: what was cached called none. */
async function compareTools(store: Store, before: RunRow, after: RunRow): Promise<readonly FactChange[]> {
  const [was, is] = await Promise.all([toolsOf(store, before.id), toolsOf(store, after.id)]);
  return changesOf(was, is).filter((change) => change.before !== undefined && change.after !== undefined);
}

async function toolsOf(store: Store, run: string): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, Set<string>>();
  for (const { tools } of await store.listRunAttempts(run)) {
    for (const [tool, version] of Object.entries(tools ?? {})) {
      versions.set(tool, (versions.get(tool) ?? new Set()).add(version));
    }
  }
  return new Map([...versions].map(([tool, all]) => [tool, [...all].toSorted().join(", ")]));
}
