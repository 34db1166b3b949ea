import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { VolumeReference } from "../expr/options.ts";
import { fsError } from "../files/index.ts";
import { LigaseError } from "../kernel/index.ts";
import { checkVolumeName } from "./name.ts";
import { VOLUMES } from "./place.ts";
import type { VolumeMount } from "./types.ts";

/** What a task's volumes become part of. */
export interface MountOptions {
  /** Does the task run in an image? Only there can a volume be mounted at an absolute path. Default: yes. */
  readonly inImage?: boolean;
}

/** What belongs to the system of an image, with all below it. */
const SYSTEM = /^\/(?:dev|proc|sys)(?:\/|$)/;

/**
 * Finds the folders of the volumes that a task mounts. One that is not there yet is made: the first who needs a volume
 * makes it.
 *
 * @param storeDir - of the project's store
 * @returns one mount for each, in the order in which the task names them; places are brought to their shortest form
 * @throws LigaseError `LIGASE_E_VOLUME` for a name or a place that cannot be, for two at one place, and for one inside of another
 * @example
 * ```ts
 * resolveVolumes(".ligase", { "./seq": volume("sequences") });
 * // [{ name: "sequences", from: "…/.ligase/volumes/sequences", at: "./seq", writable: true }]
 * ```
 */
export function resolveVolumes(
  storeDir: string,
  mounts: Readonly<Record<string, VolumeReference>>,
  options: MountOptions = {},
): VolumeMount[] {
  const placed = Object.entries(mounts).map(([given, { volume, readOnly }]) => ({
    name: checkVolumeName(volume),
    at: placeOf(given, volume, options),
    writable: !readOnly,
  }));
  for (const [i, a] of placed.entries()) {
    for (const b of placed.slice(i + 1))
      if (a.at === b.at || isBelow(a.at, b.at) || isBelow(b.at, a.at)) refuseBoth(a, b);
  }
  return placed.map((mount) => ({ ...mount, from: made(join(storeDir, VOLUMES, mount.name)) }));
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** Where a task sees a volume: `./seq` below its work directory, or an absolute path. */
function placeOf(given: string, volume: string, { inImage = true }: MountOptions): string {
  const refuse: (why: string, mend: string) => never = (why, mend) => {
    throw new LigaseError(
      "LIGASE_E_VOLUME",
      `the volume ${volume} cannot be mounted at ${JSON.stringify(given)}: ${why}`,
      {
        facts: { volume, at: given },
        mend,
      },
    );
  };
  const absolute = given.startsWith("/");
  const parts = given.split("/").filter((part) => part !== "" && part !== ".");
  if (given.includes("\0")) refuse("it has a NUL in it", "write a path without it");
  if (parts.includes("..")) refuse("it has a .. in it", "write the path without ..");
  if (!absolute && !/^\.(?:\/|$)/.test(given)) refuse("it is neither relative nor absolute", `write "./${given}"`);
  if (parts.length === 0) {
    refuse(absolute ? "that is all there is" : "that is the work directory itself", `choose a folder: "./${volume}"`);
  }
  if (absolute && !inImage)
    refuse("the task runs in no image", `give the task an image, or mount it at "./${parts.at(-1)}"`);
  const at = `${absolute ? "" : "."}/${parts.join("/")}`;
  if (SYSTEM.test(at)) refuse("that belongs to the system", `choose another folder: "/data", or "./${volume}"`);
  return at;
}

function refuseBoth(a: Pick<VolumeMount, "name" | "at">, b: Pick<VolumeMount, "name" | "at">): never {
  const what = a.at === b.at ? "are mounted at one place" : "are mounted one inside of the other";
  throw new LigaseError("LIGASE_E_VOLUME", `the volumes ${a.name} and ${b.name} ${what}: ${a.at}, ${b.at}`, {
    facts: { volumes: [a.name, b.name], at: [a.at, b.at] },
    mend: "choose places beside each other",
  });
}

function made(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch (error) {
    throw fsError(error, folder, "make the volume");
  }
}
