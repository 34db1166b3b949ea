import { resolve } from "node:path";
import { readConfig } from "../../config/index.ts";
import { LigaseError, nearest } from "../../kernel/index.ts";
import { findProject, type Project } from "../../project/index.ts";
import { openStore } from "../../store/index.ts";
import type { JobRow, RunRow, Store } from "../../store/types.ts";
import type { OptionSpec } from "./options.ts";

/** The options of every command that reads the record. */
export const READING = {
  store: { type: "value", value: "<folder>", doc: "the store to read (.ligase of the project)" },
  help: { type: "boolean", short: "h", doc: "explain this command" },
} as const satisfies Record<string, OptionSpec>;

/** Opens the store of the project around this folder; it must be there. */
export async function openForReading(store: string | undefined): Promise<Omit<Project, "settings">> {
  const root = findProject(process.cwd());
  const load = async (file: string) => {
    const { importModule } = await import("../../code/index.ts");
    return importModule(file);
  };
  const { storeDir } = await readConfig(root, load, process.env, store === undefined ? {} : { store: resolve(store) });
  const open = await openStore(storeDir, { create: false });
  return { root, store: open, close: () => open.close() };
}

/** What an id that people typed stands for. */
export type Found = { readonly kind: "run"; readonly run: RunRow } | { readonly kind: "job"; readonly job: JobRow };

/**
 * Finds a run or a job by its id, or by a prefix of it that only one has.
 *
 * @throws LigaseError `LIGASE_E_ID`, exit status 2, with the nearest id, or the candidates
 */
export async function findById(store: Store, id: string): Promise<Found> {
  const { runs, jobs } = await store.findIds(id, 6);
  const all = [...runs, ...jobs];
  const exact = all.find((each) => each === id) ?? (all.length === 1 ? all[0] : undefined);
  if (exact !== undefined) {
    const run = runs.includes(exact) ? await store.getRun(exact) : undefined;
    if (run) return { kind: "run", run };
    const job = await store.getJob(exact);
    if (job) return { kind: "job", job };
  }
  if (all.length > 1) {
    throw new LigaseError("LIGASE_E_ID", `${id} begins several ids`, {
      facts: { exitCode: 2, ids: all },
      mend: `write more of it: ${all.slice(0, 5).join(", ")}${all.length > 5 ? ", …" : ""}`,
    });
  }
  const recent = (await store.listRuns({ limit: 50 })).map((run) => run.id.slice(0, 8));
  const near = nearest(id.slice(0, 8), recent);
  throw new LigaseError("LIGASE_E_ID", `there is no run or job ${id}`, {
    facts: { exitCode: 2, id },
    mend: near ? `did you mean ${near}?` : "ligase log lists the runs",
  });
}

/** The newest run, when none was named. */
export async function latestRun(store: Store): Promise<RunRow> {
  const run = await store.latestRun();
  if (run) return run;
  throw new LigaseError("LIGASE_E_NO_RUN", "nothing has run here yet", { facts: { exitCode: 2 }, mend: "ligase run <file> runs a workflow" });
}

/** An id as it is shown: long enough to be unique in any store of a sane size. */
export const short = (id: string): string => id.slice(0, 8);
