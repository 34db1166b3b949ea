import { mkdir, rm } from "node:fs/promises";
import { eachOf } from "../../files/copy.ts";
import { fsError } from "../../files/fs-error.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { TransferHooks } from "../types.ts";
import { look, type Place } from "./place.ts";
import { type CopyPlan, type FileCopy, planTo } from "./plan.ts";
import type { Source } from "./sources.ts";

/** Many small files wait for the disk more than for each other. */
const AT_ONCE = 8;

/**
 * Does what {@link planCopy} found. Each file appears whole; when one fails, those that were copied stay.
 *
 * @throws LigaseError what the places raise
 */
export async function copyAll({ files, folders }: CopyPlan, hooks: TransferHooks = {}): Promise<void> {
  await eachOf(files, (file) => copyFile(file, hooks), AT_ONCE);
  for (const folder of folders) await makeFolder(folder);
}

function copyFile({ from, to }: FileCopy, hooks: TransferHooks): Promise<void> {
  if (from.volume && to.volume) return from.volume.copy(from.path, to.volume, to.path, hooks);
  if (from.volume) return from.volume.get(from.path, to.path, hooks);
  if (to.volume) return to.volume.put(from.path, to.path, hooks);
  throw new TypeError("neither place is in a volume");
}

async function makeFolder({ volume, path, shown }: Place): Promise<void> {
  if (volume) return volume.makeFolder(path);
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw fsError(error, shown, "make");
  });
}

/** Moves a file or folder: in one step within a volume, else as a copy, after which the source is removed. */
export async function moveOne(source: Source, to: Place, hooks: TransferHooks = {}): Promise<void> {
  if (source.volume && source.volume.name === to.volume?.name) return source.volume.move(source.path, to.path);
  if (source.entry.kind === "dir" && (await look(to))) {
    throw new LigaseError("LIGASE_E_COPY", `cannot move ${source.shown}: ${to.shown} is in the way`, {
      facts: { path: to.shown },
      mend: "choose another name, or remove it first",
    });
  }
  const plan = await planTo([[source, to]]);
  const [left] = plan.left;
  if (left) {
    throw new LigaseError("LIGASE_E_COPY", `cannot move ${left.place.shown}: ${left.why}`, {
      facts: { path: left.place.shown },
      mend: "remove it, or copy the rest with ligase cp",
    });
  }
  await copyAll(plan, hooks);
  if (source.volume) await source.volume.remove(source.path);
  else await rm(source.path, { recursive: true });
}
