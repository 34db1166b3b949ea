import { join } from "node:path";
import { type Fingerprints, nameOf, readMembers, type WrittenFile } from "../../files/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { ProjectRecord } from "../../record/index.ts";
import type { RunFile, RunFiles } from "../run-files.ts";
import { isSafePath } from "../safe-path.ts";

/** A file that the run was given, and where it goes in the bundle. */
export interface BundledInput {
  /** Relative to the project. */
  readonly path: string;
  /** Where it is read; nothing for one that is left to whoever runs the bundle. */
  readonly from: string | undefined;
  readonly bytes: number;
  readonly sha256: string;
}

/** The files that a run was given: those of the project where they were in it, others in a folder of their own. */
export class Inputs {
  readonly files: readonly BundledInput[];
  readonly #places: ReadonlyMap<string, string>;

  private constructor(files: readonly BundledInput[], places: ReadonlyMap<string, string>) {
    this.files = files;
    this.#places = places;
  }

  /**
   * Finds them.
   *
   * @param along - do they go along, or are they only named with their checksums?
   * @throws LigaseError `LIGASE_E_INPUT_GONE` for one that is not what it was
   */
  static async of(all: RunFiles, record: ProjectRecord, fingerprints: Fingerprints, along: boolean): Promise<Inputs> {
    const places = placesOf(all.given);
    const files = new Map<string, BundledInput>();
    for (const file of all.given) {
      const found = await all.find(file, record, fingerprints);
      if (found === undefined && along) throw changed(file);
      const path = places.get(file.place)!;
      for (const each of found === undefined ? [] : await membersOf(file, found, path, fingerprints)) {
        files.set(each.path, along ? each : { ...each, from: undefined });
      }
      if (found === undefined) files.set(path, { path, from: undefined, bytes: file.bytes, sha256: file.hash });
    }
    return new Inputs(
      [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
      places,
    );
  }

  /** Where a file of the arguments lies. */
  placeOf(file: WrittenFile): string {
    return this.#places.get(file.path) ?? file.path;
  }
}

async function membersOf(
  file: RunFile,
  from: string,
  path: string,
  fingerprints: Fingerprints,
): Promise<readonly BundledInput[]> {
  if (file.kind === "file") return [{ path, from, bytes: file.bytes, sha256: file.hash }];
  const members = (await readMembers(from)).filter((member) => member.facts !== undefined);
  return Promise.all(
    members.map(async (member) => {
      const at = join(from, member.path);
      const { hash, size } = await fingerprints.file(at);
      return { path: `${path}/${member.path}`, from: at, bytes: size, sha256: hash };
    }),
  );
}

function placesOf(given: readonly RunFile[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  const taken = new Map<string, string>();
  for (const { place, name, hash } of given) {
    const inProject = place.startsWith("./") && isSafePath(place.slice(2)) ? place.slice(2) : undefined;
    let path = inProject ?? `inputs/${name}`;
    if (inProject === undefined && (taken.get(path) ?? hash) !== hash) path = `inputs/${hash.slice(0, 8)}/${name}`;
    taken.set(path, hash);
    places.set(place, path);
  }
  return places;
}

function changed(file: RunFile): LigaseError {
  return new LigaseError("LIGASE_E_INPUT_GONE", `${nameOf(file.place)}, which the run was given, is not what it was`, {
    facts: { place: file.place, sha256: file.hash },
    mend: "put it back, or run again and bundle that run; --without-inputs leaves all of them out",
  });
}
