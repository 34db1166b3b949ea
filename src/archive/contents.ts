import { lstatSync } from "node:fs";
import { join } from "node:path";
import { type Fingerprints, readMembers } from "../files/index.ts";
import type { Places } from "../record/index.ts";
import { FILES, type Manifest, type Member } from "./format.ts";
import { inputPlace, type RunFile, type RunFiles, unitOf } from "./run-files.ts";

/** A file that goes into an archive. */
export interface Content extends Member {
  /** Where it is read. */
  readonly from: string;
}

/** The files that go into an archive, and what there is to say of the others. */
export interface Contents extends Pick<Manifest, "folders" | "links" | "absent"> {
  readonly files: readonly Content[];
  /** Where inputs that go along will lie, by where they are. */
  readonly moved: ReadonlyMap<string, string>;
  /** Their units. */
  readonly inputs: ReadonlySet<string>;
}

/** Files that should go into an archive, and are not where they were, or not as they were. */
interface Plan {
  readonly files: Map<string, Content>;
  readonly folders: Set<string>;
  readonly links: Map<string, string>;
}

/** Finds what goes into an archive, and reads folders: each file in them is a member. */
export async function contentsOf(
  files: RunFiles,
  chosen: readonly RunFile[],
  places: Places,
  fingerprints: Fingerprints,
): Promise<Contents> {
  const plan: Plan = { files: new Map(), folders: new Set(), links: new Map() };
  const moved = new Map<string, string>();
  const inputs = new Set<string>();
  const there = new Set<RunFile>();
  for (const file of chosen) {
    const from = await files.find(file, places, fingerprints);
    if (from === undefined) continue;
    there.add(file);
    const place = file.role === "given" ? inputPlace(file) : file.place;
    if (place !== file.place) moved.set(file.place, place);
    const at = place.slice("ligase:".length);
    if (file.role === "given") inputs.add(unitOf(at));
    if (file.kind === "dir") await addFolder(plan, at, from, fingerprints);
    else plan.files.set(at, { ...contentAt(at, from), bytes: file.bytes, sha256: file.hash });
  }
  // One file may have been seen in several places.
  const identity = ({ hash, name }: RunFile): string => `${hash} ${name}`;
  const taken = new Set([...there].map(identity));
  const absent = (all: readonly RunFile[]): number => new Set(all.map(identity)).difference(taken).size;
  return {
    files: [...plan.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    folders: [...plan.folders].sort(),
    links: [...plan.links].map(([path, target]) => ({ path, target })).sort((a, b) => (a.path < b.path ? -1 : 1)),
    moved,
    inputs,
    absent: { given: absent(files.given), made: absent(files.made) },
  };
}

function contentAt(at: string, from: string): Pick<Content, "path" | "from" | "executable"> {
  const executable = (lstatSync(from).mode & 0o100) !== 0;
  return { path: FILES + at, from, ...(executable && { executable }) };
}

async function addFolder(plan: Plan, at: string, from: string, fingerprints: Fingerprints): Promise<void> {
  const members = await readMembers(from);
  if (members.length === 0) plan.folders.add(at);
  for (const { path, kind } of members) {
    const [inStore, here] = [`${at}/${path}`, join(from, path)];
    if (kind === "d") plan.folders.add(inStore);
    else if (kind.startsWith("l ")) plan.links.set(inStore, kind.slice(2));
    else if (kind !== "o") {
      const { hash, size } = await fingerprints.file(here);
      plan.files.set(inStore, { ...contentAt(inStore, here), bytes: size, sha256: hash });
    }
  }
}
