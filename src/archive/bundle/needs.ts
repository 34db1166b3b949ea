import type { TaskOptions } from "../../expr/options.ts";
import { namedPackages, type UsedEnvironment } from "../../record/environments/index.ts";

/** An environment, for whoever makes it again. */
export interface BundledEnvironment {
  readonly title: string;
  readonly engine: string;
  readonly identity: string;
  readonly digest: string;
  readonly reference: string | null;
  readonly locked: boolean;
  /** The packages that its definition names, as they were installed: `{ "apt samtools": "1.16.1-1" }`. */
  readonly packages: Readonly<Record<string, string>>;
  readonly tasks: readonly string[];
}

/** Something that tasks need and that no bundle holds. */
export interface Need {
  readonly name: string;
  readonly tasks: readonly string[];
}

/** What a run needs besides its code and its inputs. */
export interface Needs {
  readonly environments: readonly BundledEnvironment[];
  /** The engine by which it is run again; nothing where no task names an image. */
  readonly container: string | null;
  readonly volumes: readonly Need[];
  /** By name alone. */
  readonly secrets: readonly Need[];
}

/**
 * What the tasks of a run need.
 *
 * @param options - of the tasks that had jobs, as their workflow file says them today: the record does not hold them
 */
export function needsOf(
  used: readonly UsedEnvironment[],
  options: ReadonlyMap<string, Pick<TaskOptions, "volumes" | "secrets">>,
): Needs {
  const environments = used.map(({ facts, tasks }) => {
    const { title, engine, identity, digest, reference, lock } = facts;
    const packages = namedPackages(facts).flatMap(({ manager, name, version }) =>
      version === undefined ? [] : [[`${manager} ${name}`, version] as const],
    );
    const about = { title, engine, identity, digest, reference, locked: lock !== null };
    return { ...about, packages: Object.fromEntries(packages), tasks };
  });
  const engines = environments.map(({ engine }) => engine).filter((engine) => engine !== "");
  return {
    environments,
    container: engines.find((engine) => engine !== "host") ?? engines[0] ?? null,
    volumes: byName(options, ({ volumes }) => Object.values(volumes ?? {}).map(({ volume }) => volume)),
    secrets: byName(options, ({ secrets }) => secrets ?? []),
  };
}

function byName<T>(options: ReadonlyMap<string, T>, namesOf: (options: T) => readonly string[]): readonly Need[] {
  const found = new Map<string, Set<string>>();
  for (const [task, its] of options) {
    for (const name of namesOf(its)) found.set(name, (found.get(name) ?? new Set()).add(task));
  }
  return [...found]
    .map(([name, tasks]) => ({ name, tasks: [...tasks].toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
