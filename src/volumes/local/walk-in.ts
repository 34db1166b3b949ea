import { mkdirSync, realpathSync } from "node:fs";
import { systemCode } from "../../files/fs-error.ts";
import { leavesVolume } from "../path.ts";
import { HeldFolder } from "./held.ts";

/** As many links as Linux follows in one path. */
const MOST_LINKS = 40;

/** The end of a way into a volume. */
export interface Spot {
  /** The folder that it lies in. To be closed. */
  readonly folder: HeldFolder;
  /** The name there, which is no link when links were to be followed; empty for the volume itself. */
  readonly name: string;
}

/** How a way is gone. */
export interface WayOptions {
  /** Make folders that are missing. */
  readonly create?: boolean;
  /** Follow a link in last place, too. Default: yes. */
  readonly follow?: boolean;
}

/**
 * Goes into a volume, one folder at a time, each opened in the one before it. Links are followed by hand as far as they
 * stay inside; so no path, and nobody who exchanges folders for links meanwhile, leads out.
 *
 * @param root - the folder of the volume
 * @param path - see `pathInVolume`
 * @throws LigaseError `LIGASE_E_VOLUME_PATH`; errors of the system for what is not there
 */
export function wayInto(volume: string, root: string, path: string, options: WayOptions = {}): Spot {
  const { create = false, follow = true } = options;
  /** Folders open from the root on, to go back for `..` in a link. */
  const held = [HeldFolder.open(root)];
  const left = path === "" ? [] : path.split("/").toReversed();
  let links = 0;
  try {
    for (;;) {
      const name = left.pop();
      const folder = held.at(-1)!;
      if (name === undefined) return { folder, name: "" };
      if (name === ".") continue;
      if (name === "..") {
        if (held.length === 1) throw outside(volume, path);
        held.pop()!.close();
        continue;
      }
      const isLast = left.length === 0;
      const target = isLast && !follow ? undefined : folder.linkAt(name);
      if (target !== undefined) {
        if (++links > MOST_LINKS)
          throw leavesVolume(volume, path, "it leads through links without end", "remove one of them");
        const parts = partsOf(target, root);
        if (parts === undefined) throw outside(volume, path);
        if (target.startsWith("/")) for (const each of held.splice(1)) each.close();
        left.push(...parts.toReversed());
        continue;
      }
      if (isLast) return { folder, name };
      held.push(entered(folder, name, create));
    }
  } catch (error) {
    for (const each of held.splice(0)) each.close();
    throw error;
  } finally {
    // The last one goes with the answer.
    for (const each of held.slice(0, -1)) each.close();
  }
}

/** Goes into a folder of a volume itself. To be closed. */
export function folderAt(
  volume: string,
  root: string,
  path: string,
  options: Pick<WayOptions, "create"> = {},
): HeldFolder {
  const { folder, name } = wayInto(volume, root, path, options);
  if (name === "") return folder;
  try {
    return entered(folder, name, options.create ?? false);
  } finally {
    folder.close();
  }
}

function entered(folder: HeldFolder, name: string, create: boolean): HeldFolder {
  try {
    return folder.enter(name);
  } catch (error) {
    if (!create || systemCode(error) !== "ENOENT") throw error;
  }
  try {
    mkdirSync(folder.at(name));
  } catch (error) {
    // Somebody else made it.
    if (systemCode(error) !== "EEXIST") throw error;
  }
  return folder.enter(name);
}

/** The parts of a link's target, from the root of the volume where it is absolute; nothing when it leads out. */
function partsOf(target: string, root: string): string[] | undefined {
  const parts = (text: string): string[] => text.split("/").filter((part) => part !== "" && part !== ".");
  if (!target.startsWith("/")) return parts(target);
  for (const base of [root, realpathSync(root)]) {
    if (target === base || target.startsWith(`${base}/`)) return parts(target.slice(base.length));
  }
  return undefined;
}

function outside(volume: string, path: string): Error {
  return leavesVolume(
    volume,
    path,
    "a link in it leads out of the volume",
    "copy what it leads to into the volume in place of the link",
  );
}
