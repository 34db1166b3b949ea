import { type Fingerprints, Glob, nameOf } from "../files/index.ts";
import { LigaseError } from "../kernel/index.ts";
import { locate, type Places } from "../record/index.ts";
import type { Store } from "../store/types.ts";
import type { RunRows } from "./run-rows.ts";
import { textsOf, tracesOf, withFiles } from "./value-texts.ts";

/** A file or folder that a run was given or made. */
export interface RunFile {
  /** As values have it: `ligase:…` in the store, `./…` in the project, else a path. */
  readonly place: string;
  readonly name: string;
  /** SHA-256: of the content, or of a folder's manifest. */
  readonly hash: string;
  readonly bytes: number;
  readonly kind: "file" | "dir";
  /** `given`: it was there before; `made`: a task left it in the store; `copy`: a task put one of these elsewhere. */
  readonly role: "given" | "made" | "copy";
}

/** Which files of a run are meant: none, all that tasks made, those in its result, or those with names like these. */
export type FileChoice = "none" | "all" | "outputs" | readonly string[];

const IN_STORE = "ligase:outputs/";
const keyOf = ({ hash, place }: Pick<RunFile, "hash" | "place">): string => `${hash} ${place}`;

/** The files and folders in the values of a run. Those at URLs are not among them: they are where they are. */
export class RunFiles {
  readonly all: readonly RunFile[];
  /** The URLs among them, sorted. */
  readonly urls: readonly string[];
  readonly #results: ReadonlySet<string>;
  readonly #byContent: ReadonlyMap<string, readonly RunFile[]>;

  private constructor(all: readonly RunFile[], urls: ReadonlySet<string>, results: ReadonlySet<string>) {
    this.all = all;
    this.urls = [...urls].sort();
    this.#results = results;
    this.#byContent = Map.groupBy(all, (file) => file.hash);
  }

  /** Looks through the values of a run. */
  static async of(store: Store, rows: RunRows): Promise<RunFiles> {
    const found = new Map<string, Omit<RunFile, "role">>();
    const results = new Set<string>();
    const asked = new Set<string>();
    const urls = new Set<string>();
    const traces = tracesOf(rows);
    for await (const [value, text] of textsOf(store, rows.values)) {
      withFiles(text, traces.has(value), ({ path: place, hash, size }, kind) => {
        if (/^https?:/i.test(place)) urls.add(place);
        else if (hash !== undefined && size !== undefined) {
          const key = keyOf({ hash, place });
          if (value === rows.run.resultValue) results.add(hash);
          if (value === rows.run.argsValue) asked.add(key);
          if (!found.has(key)) found.set(key, { place, name: nameOf(place), hash, bytes: size, kind });
        }
      });
    }
    const inStore = new Set([...found.values()].filter(isMade).map((file) => file.hash));
    // What was put elsewhere has the content of what was made; an input may have it too, and is known by who gave it.
    const roleOf = (file: Omit<RunFile, "role">): RunFile["role"] =>
      isMade(file) ? "made" : inStore.has(file.hash) && !asked.has(keyOf(file)) ? "copy" : "given";
    const all = [...found.values()]
      .map((file): RunFile => ({ ...file, role: roleOf(file) }))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return new RunFiles(all, urls, results);
  }

  /** Those that the run was given. */
  get given(): readonly RunFile[] {
    return this.all.filter((file) => file.role === "given");
  }

  /** Those that its tasks made. */
  get made(): readonly RunFile[] {
    return this.all.filter((file) => file.role === "made");
  }

  /** Is it in what the run gave? */
  isResult(file: Pick<RunFile, "hash">): boolean {
    return this.#results.has(file.hash);
  }

  /**
   * Some of those that tasks made.
   *
   * @throws LigaseError `LIGASE_E_NO_MATCH` for a pattern that no file has
   */
  choose(choice: FileChoice): readonly RunFile[] {
    if (choice === "none") return [];
    if (choice === "all") return this.made;
    if (choice === "outputs") return this.made.filter((file) => this.isResult(file));
    const chosen = choice.map((pattern) => {
      const glob = new Glob(pattern);
      const some = this.made.filter((file) => glob.matches(file.name) || glob.matches(pathInCall(file)));
      if (some.length > 0) return some;
      throw new LigaseError("LIGASE_E_NO_MATCH", `no file that the run made is like ${pattern}`, {
        facts: { pattern, files: this.made.map((file) => file.name) },
        mend: "a name such as '*.bam', or a path within the outputs of a task",
      });
    });
    return this.made.filter((file) => chosen.some((some) => some.includes(file)));
  }

  /**
   * Where the content of a file is on this machine: in its place, or in that of another file of the run with the same
   * content. Nothing when it is nowhere as it was.
   */
  async find(file: RunFile, places: Places, fingerprints: Fingerprints): Promise<string | undefined> {
    for (const each of [file, ...(this.#byContent.get(file.hash) ?? [])]) {
      const path = locate(each.place, places);
      if (each.kind === file.kind && (await fingerprints.verify(path, file.hash).catch(() => false))) return path;
    }
    return undefined;
  }
}

/** Outputs lie in the folder of their call; what is in one named after its own content came with an archive. */
const isMade = ({ place, hash }: Pick<RunFile, "place" | "hash">): boolean =>
  place.startsWith(IN_STORE) && !inputPlace({ hash, name: "" }).startsWith(unitOf(place));

/** `ligase:outputs/ab/abc…/deep/x.bam` → `deep/x.bam` */
function pathInCall({ place }: RunFile): string {
  return place.slice(IN_STORE.length).split("/").slice(2).join("/");
}

/** Where an input lies in the store of whoever imports it: beside the outputs of calls, by its content in place of a call. */
export function inputPlace({ hash, name }: Pick<RunFile, "hash" | "name">): string {
  return `${IN_STORE}${hash.slice(0, 2)}/${hash.slice(0, 40)}/${name}`;
}

/** The folder of the outputs of a call, or of an input: what is put into a store in one step. */
export function unitOf(place: string): string {
  return place.split("/").slice(0, 3).join("/");
}
