import { lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../kernel/index.ts";
import { active, type Activities, noActivities } from "./activity.ts";
import { copyOne, copyTree } from "./copy.ts";
import { Dir } from "./dir.ts";
import { File } from "./file.ts";
import type { Fingerprints } from "./fingerprints.ts";
import { fsError } from "./fs-error.ts";
import { knownOf, localPath } from "./located.ts";
import { treeFacts } from "./manifest.ts";
import { sameFacts, type StatFacts, statFacts } from "./stat-facts.ts";

/** How inputs are brought in. `symlink`: by reference, the cheapest; the others protect the original from the script. */
export type StageMode = "symlink" | "reflink" | "copy";

/** What {@link stage} may be told. */
export interface StageOptions {
  readonly how: StageMode;
  /**
   * Names in the work directory that inputs must not take: what the script will write there (a
   * redirection onto a link would overwrite the user's file), and what the executor does.
   */
  readonly reserved?: Iterable<string>;
  /** Hears of what is copied. */
  readonly activities?: Activities;
}

/** One input in its place. */
export interface StagedInput {
  /** Where it came from: absolute. */
  readonly source: string;
  /** Where it is: relative to the work directory. */
  readonly path: string;
  readonly directory: boolean;
}

/** Where each input will be, and nothing done yet: what a sandbox needs to bind them. */
export class StagingPlan {
  readonly inputs: StagedInput[] = [];
  readonly #paths = new Map<string, string>();
  /** For each folder (`""`, `2/`, …) which source has which name. */
  readonly #folders = new Map<string, Map<string, string>>();

  /**
   * Chooses the places. Equal inputs in equal order get equal places, whatever the attempt.
   *
   * @param values - Files and Dirs; other objects are passed over
   * @throws LigaseError `LIGASE_E_NOT_FETCHED` for a URL that was not fetched before
   */
  constructor(values: Iterable<object>, reserved: Iterable<string> = []) {
    const taken = new Map<string, string>();
    for (const name of reserved) taken.set(nameKey(name.split("/", 1)[0]!), "");
    this.#folders.set("", taken);
    for (const value of values) if (value instanceof File || value instanceof Dir) this.#add(value);
  }

  /** The path of an input relative to the work directory, in a form that no tool takes for an option. */
  pathOf(value: File | Dir): string {
    const path = this.#paths.get(sourceOf(value));
    if (path === undefined)
      throw new LigaseError("LIGASE_E_NOT_STAGED", `${value.path} was not staged`, { facts: { path: value.path } });
    return path.startsWith("-") ? `./${path}` : path;
  }

  /** The staged paths, for patterns of outputs to pass over. */
  get paths(): ReadonlySet<string> {
    return new Set(this.#paths.values());
  }

  #add(value: File | Dir): void {
    const group = [value, ...(value instanceof File ? allSidecars(value) : [])].map((member) => ({
      source: sourceOf(member),
      name: member.name || "root",
      directory: member instanceof Dir,
    }));
    for (let n = 1; ; n++) {
      const folder = n === 1 ? "" : `${n}/`;
      if (n > 1 && this.#folders.get("")!.has(String(n)) && !this.#folders.has(folder)) continue;
      const taken = this.#folders.get(folder) ?? new Map<string, string>();
      if (group.some(({ name, source }) => (taken.get(nameKey(name)) ?? source) !== source)) continue;
      if (clashes(group)) throw twoOfOneName(value);
      // A group goes where it can be together: an index is looked for beside its file.
      if (!this.#folders.has(folder)) {
        this.#folders.set(folder, taken);
        this.#folders.get("")!.set(String(n), "");
      }
      for (const { name, source, directory } of group) {
        const path = folder + name;
        // Staged in another folder for itself, it is staged here once more for its file.
        if (!taken.has(nameKey(name))) this.inputs.push({ source, path, directory });
        taken.set(nameKey(name), source);
        if (!this.#paths.has(source) || source === group[0]!.source) this.#paths.set(source, path);
      }
      return;
    }
  }
}

/** File systems of other systems take these for one name: the places do not depend on where it runs. */
function nameKey(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function clashes(group: readonly { name: string; source: string }[]): boolean {
  const names = new Map<string, string>();
  for (const { name, source } of group) {
    const there = names.get(nameKey(name));
    if (there !== undefined && there !== source) return true;
    names.set(nameKey(name), source);
  }
  return false;
}

function twoOfOneName(file: File | Dir): LigaseError {
  return new LigaseError("LIGASE_E_SIDECARS", `${file.path} has two sidecars of one name`, {
    facts: { path: file.path },
    mend: "give each sidecar a name of its own",
  });
}

function allSidecars(file: File): File[] {
  return file.sidecars.flatMap((side) => [side, ...allSidecars(side)]);
}

function sourceOf(value: File | Dir): string {
  const path = localPath(value);
  if (path !== undefined) return path;
  throw new LigaseError("LIGASE_E_NOT_FETCHED", `${value.path} was not fetched yet`, { facts: { url: value.path } });
}

/** Inputs in a work directory. */
export interface Staged {
  /** The path of an input, relative to the work directory; never with a leading dash. */
  pathOf(value: File | Dir): string;
  readonly inputs: readonly StagedInput[];
  /** All staged paths, for {@link collectOutputs}. */
  readonly paths: ReadonlySet<string>;
  /**
   * Fails when an input's original is no longer what it was when it was staged. With fingerprints
   * a file that was only touched passes; without, any change of size or time counts.
   *
   * @throws LigaseError `LIGASE_E_INPUT_CHANGED`, naming it
   */
  assertUnchanged(fingerprints?: Fingerprints): Promise<void>;
}

const NOTHING: Staged = {
  pathOf: (value) => new StagingPlan([]).pathOf(value),
  inputs: [],
  paths: new Set(),
  assertUnchanged: async () => {},
};

/**
 * Brings inputs into a work directory, each under its own name; where names collide, the later
 * ones in numbered folders (`2/reads.fq`). Sidecars lie beside their file. Never a hard link: a
 * script that writes to one would write to the user's file, whatever its permissions.
 *
 * @param values - Files and Dirs; other objects are passed over
 * @param workDir - exists, and is absolute
 * @throws LigaseError `LIGASE_E_NO_FILE` for an input that does not exist, `LIGASE_E_DISK_FULL`
 */
export async function stage(values: Iterable<object>, workDir: string, options: StageOptions): Promise<Staged> {
  const files = [...values].filter((value) => value instanceof File || value instanceof Dir);
  if (files.length === 0) return NOTHING;
  const plan = new StagingPlan(files, options.reserved);
  const before = new Map<string, StatFacts>();
  for (const { source, path, directory } of plan.inputs) {
    const facts = await look(source, directory);
    if (!facts) throw fsError(Object.assign(new Error("missing"), { code: "ENOENT" }), source, "stage");
    before.set(source, facts);
    const target = join(workDir, path);
    try {
      const slash = path.indexOf("/");
      if (slash !== -1) mkdirSync(join(workDir, path.slice(0, slash)), { recursive: true });
      // Synchronous: 10 µs a link, where the asynchronous call takes 90.
      if (options.how === "symlink") symlinkSync(source, target);
      else {
        const { how, activities = noActivities } = options;
        await active(activities.begin("stage", source, directory ? undefined : facts.size), (activity) =>
          (directory ? copyTree : copyOne)(source, target, how, activity),
        );
      }
    } catch (error) {
      throw fsError(error, lstatSync(source, { throwIfNoEntry: false }) ? target : source, "stage");
    }
  }
  return {
    pathOf: (value) => plan.pathOf(value),
    inputs: plan.inputs,
    get paths() {
      return plan.paths;
    },
    assertUnchanged: (fingerprints) => assertUnchanged(files, before, fingerprints),
  };
}

const MOST_LOOKS = 1000;

/** The facts of an input. A Dir's are those of its members (3 µs each), but of a huge one only its own. */
async function look(source: string, directory: boolean): Promise<StatFacts | undefined> {
  const facts = statFacts(source);
  return facts && directory ? ((await treeFacts(source, MOST_LOOKS)) ?? facts) : facts;
}

async function assertUnchanged(
  files: readonly (File | Dir)[],
  before: ReadonlyMap<string, StatFacts>,
  fingerprints: Fingerprints | undefined,
): Promise<void> {
  for (const value of files) {
    const source = sourceOf(value);
    const was = before.get(source);
    const is = await look(source, value instanceof Dir);
    const known = knownOf(value);
    const same =
      was === undefined ||
      (is !== undefined &&
        (sameFacts(was, is) ||
          (known !== undefined && fingerprints !== undefined && (await fingerprints.verify(source, known.hash)))));
    if (!same) {
      throw new LigaseError(
        "LIGASE_E_INPUT_CHANGED",
        `the input ${source} was ${is ? "changed" : "removed"} while the job ran`,
        {
          facts: { path: source },
          mend: "inputs are read-only: write to a new file, and declare it as an output",
        },
      );
    }
    if (value instanceof File && value.sidecars.length > 0) await assertUnchanged(value.sidecars, before, fingerprints);
  }
}
