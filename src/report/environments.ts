import { wordsOf } from "../images/build/title.ts";
import { environmentsOfRun, namedPackages, type NamedPackage, type Packages } from "../record/environments/index.ts";
import type { AttemptRow } from "../store/types.ts";
import type { RunRows } from "./read/rows.ts";

/** Limits that attempts were held to. */
export interface HeldTo {
  /** `memory`, `cpu`, `processes`; none where the machine enforced none; `null` where that is not recorded. */
  readonly limits: readonly string[] | null;
  readonly attempts: number;
}

/** An environment that tasks of the run ran in, or that their cached results were made in. */
export interface ReportedEnvironment {
  /** The definition in short. */
  readonly title: string;
  /** `sandbox`, `podman`, `docker`; `host` for the tools of the machine; empty where that is not recorded. */
  readonly engine: string;
  /** Hash of the definition. */
  readonly identity: string;
  /** Of its contents; empty for the tools of a machine. */
  readonly digest: string;
  /** The registry's image that it stands on. */
  readonly reference: string | null;
  /** Hash of the lock that it was built by. */
  readonly lock: string | null;
  /** The definition, step by step. */
  readonly steps: readonly string[];
  /** The packages that the definition names, as they were installed. */
  readonly named: readonly NamedPackage[];
  /** All that were installed, by manager and name. */
  readonly packages: Packages;
  readonly tasks: readonly string[];
  /** Attempts of this run by what they were held to. */
  readonly held: readonly HeldTo[];
}

/** The environments of a run. */
export interface Environments {
  readonly used: readonly ReportedEnvironment[];
  /** Attempts that ran without one. */
  readonly outside: readonly HeldTo[];
}

/** Reads which environments a run had. */
export async function readEnvironments({ record, run, jobs, book, attempts }: RunRows): Promise<Environments> {
  const used = await environmentsOfRun(record.store, run.id, { jobs, attempts });
  const hosted = new Set(used.flatMap(({ facts, tasks }) => (facts.digest === "" ? tasks : [])));
  const ofTask = ({ job }: AttemptRow): string => {
    const found = book.get(job);
    return found ? book.ownerOf(found).task : "";
  };
  return {
    used: used.map(({ facts, tasks }) => {
      const { title, engine, identity, digest, reference, lock, layers, packages } = facts;
      const own = attempts.filter((attempt) =>
        digest === "" ? attempt.image === null && tasks.includes(ofTask(attempt)) : attempt.image === digest,
      );
      const steps = layers.map(wordsOf).filter((words) => words !== "");
      const named = namedPackages(facts);
      return { title, engine, identity, digest, reference, lock, steps, named, packages, tasks, held: heldTo(own) };
    }),
    outside: heldTo(attempts.filter((attempt) => attempt.image === null && !hosted.has(ofTask(attempt)))),
  };
}

function heldTo(attempts: readonly AttemptRow[]): HeldTo[] {
  const ended = attempts.filter(({ endedAt }) => endedAt !== null);
  return [...Map.groupBy(ended, ({ limits }) => limits)]
    .map(([limits, all]) => ({ limits: limits?.split(" ").filter(Boolean) ?? null, attempts: all.length }))
    .toSorted((a, b) => b.attempts - a.attempts);
}
