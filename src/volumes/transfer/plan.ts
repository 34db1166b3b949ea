import { LigaseError } from "../../kernel/index.ts";
import { below, listAt, look, nameOf, type Place } from "./place.ts";
import type { Source, Sources } from "./sources.ts";

/** One file that is to be copied. */
export interface FileCopy {
  readonly from: Place;
  readonly to: Place;
  readonly bytes: number;
}

/** What a copy will do. */
export interface CopyPlan {
  readonly files: readonly FileCopy[];
  /** Folders to be made: those that nothing lies in. */
  readonly folders: readonly Place[];
  /** What cannot be copied with its folder, and why. */
  readonly left: readonly { readonly place: Place; readonly why: string }[];
}

/** How is copied. */
export interface PlanOptions {
  /** Folders with all that is in them, too. */
  readonly recursive: boolean;
  /** Leave files alone that are there already. */
  readonly keep?: boolean;
}

/**
 * Says where each source goes, as `cp` does: into a folder that is there, that is written with a slash, or that several
 * go to; else to the place itself.
 *
 * @throws LigaseError `LIGASE_E_IS_DIR` for a folder that is not to be copied, and for one in the way; `LIGASE_E_COPY`
 * where two would go to one place, or something to itself
 */
export async function targetsOf({ all, patterns }: Sources, to: Place): Promise<readonly (readonly [Source, Place])[]> {
  const there = await look(to);
  const isRoot = to.volume !== undefined && to.path === "";
  const isFolder = isRoot || to.asFolder || patterns || all.length > 1 || there?.kind === "dir";
  if (isFolder && there && there.kind !== "dir") {
    throw new LigaseError("LIGASE_E_COPY", `${to.shown} is a file: nothing can be put into it`, {
      facts: { path: to.shown },
      mend: "name a folder",
    });
  }
  const targets = all.map((source) => [source, isFolder ? below(to, nameOf(source)) : to] as const);
  const seen = new Map<string, Source>();
  for (const [source, target] of targets) {
    const other = seen.get(target.path);
    if (other) {
      throw new LigaseError("LIGASE_E_COPY", `${other.shown} and ${source.shown} would both become ${target.shown}`, {
        facts: { path: target.shown },
        mend: "copy them one by one, each under a name of its own",
      });
    }
    seen.set(target.path, source);
    if (source.volume?.name !== target.volume?.name) continue;
    if (source.path !== target.path && !(source.entry.kind === "dir" && isBelow(target.path, source.path))) continue;
    throw new LigaseError("LIGASE_E_COPY", `${source.shown} cannot be copied or moved to itself: ${target.shown}`, {
      facts: { path: source.shown },
      mend: source.volume
        ? `choose another place; ./${source.shown} is the one of this machine`
        : "choose another place",
    });
  }
  return targets;
}

const isBelow = (path: string, folder: string): boolean => folder === "" || path.startsWith(`${folder}/`);

/** Finds all files that are to be copied. Nothing is changed. */
export async function planCopy(
  sources: Sources,
  to: Place,
  { recursive, keep = false }: PlanOptions,
): Promise<CopyPlan> {
  const isFolder = ({ entry }: Source): boolean => !recursive && entry.kind === "dir";
  const folder = sources.all.find((source) => isFolder(source) && !source.matched);
  if (folder) {
    throw new LigaseError("LIGASE_E_IS_DIR", `${folder.shown} is a folder`, {
      facts: { path: folder.shown },
      mend: "-r copies it with all that is in it",
    });
  }
  const [folders, all] = [sources.all.filter(isFolder), sources.all.filter((source) => !isFolder(source))];
  const found = await planTo(await targetsOf({ ...sources, all }, to));
  const left = folders.map((place) => ({ place, why: "it is a folder, which -r copies" }));
  const plan = { ...found, left: [...left, ...found.left] };
  if (!keep) return plan;
  const there = await Promise.all(plan.files.map(async (file) => (await look(file.to)) !== undefined));
  return { ...plan, files: plan.files.filter((_, i) => !there[i]) };
}

/** The same where it is known what each becomes. */
export async function planTo(targets: readonly (readonly [Place, Place])[]): Promise<CopyPlan> {
  const plan: Growing = { files: [], folders: [], left: [] };
  for (const [source, target] of targets) await add(plan, source, target);
  return plan;
}

type Growing = { readonly [K in keyof CopyPlan]: CopyPlan[K][number][] };

async function add(plan: Growing, from: Place, to: Place): Promise<void> {
  const entry = await look(from);
  if (entry?.kind === "file") plan.files.push({ from, to, bytes: entry.size });
  else if (entry?.kind === "dir") await addFolder(plan, from, to);
  else plan.left.push({ place: from, why: entry ? "it is no regular file" : "it leads nowhere" });
}

async function addFolder(plan: Growing, top: Place, to: Place): Promise<void> {
  const inThere = (await look(to))?.kind;
  if (inThere !== undefined && inThere !== "dir") {
    throw new LigaseError("LIGASE_E_COPY", `${to.shown} is a file: ${top.shown}, a folder, cannot take its place`, {
      facts: { path: to.shown },
      mend: "choose another name, or remove it first",
    });
  }
  const folders: (readonly [Place, Place])[] = [[top, to]];
  for (let next = folders.pop(); next; next = folders.pop()) {
    const [from, target] = next;
    const entries = await listAt(from);
    if (entries.length === 0) plan.folders.push(target);
    for (const { name, kind } of entries) {
      const [inner, place] = [below(from, name), below(target, name)];
      if (kind === "dir") folders.push([inner, place]);
      else if (kind === "link") await addLink(plan, inner, place);
      else await add(plan, inner, place);
    }
  }
}

/** A link stands for the file that it leads to; one to a folder is left out, for it may lead round in a circle. */
async function addLink(plan: Growing, from: Place, to: Place): Promise<void> {
  try {
    const entry = await look(from);
    if (entry?.kind === "dir") plan.left.push({ place: from, why: "it is a link to a folder" });
    else await add(plan, from, to);
  } catch (error) {
    if (!(error instanceof LigaseError && error.code === "LIGASE_E_VOLUME_PATH")) throw error;
    plan.left.push({ place: from, why: "it is a link that leads out of the volume" });
  }
}
