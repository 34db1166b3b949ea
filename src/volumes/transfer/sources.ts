import { LigaseError, nearest } from "../../kernel/index.ts";
import { isPattern, matching } from "../match.ts";
import { baseOf, folderOf, joined } from "../path.ts";
import type { VolumeEntry, VolumeStorage } from "../types.ts";
import { look, type Place } from "./place.ts";

/** Something that is to be copied, moved or removed. */
export interface Source extends Place {
  readonly entry: VolumeEntry;
  /** It was found by a pattern, not named. */
  readonly matched: boolean;
}

/** What the words of a command mean. */
export interface Sources {
  readonly all: readonly Source[];
  /** One of them is a pattern: as many may be meant as there are. */
  readonly patterns: boolean;
}

/**
 * Finds what places mean: each what lies there; in a volume a pattern all that it matches.
 *
 * @param doing - as the end of "cannot …"
 * @param follow - what a link leads to, not the link. Default: yes.
 * @throws LigaseError `LIGASE_E_NO_FILE` for a place with nothing, with the nearest name; `LIGASE_E_NO_MATCH` for a pattern
 */
export async function sourcesOf(places: readonly Place[], doing: string, follow = true): Promise<Sources> {
  const all: Source[] = [];
  let patterns = false;
  for (const place of places) {
    const entry = await look(place, follow);
    if (entry) all.push({ ...place, entry, matched: false });
    else if (place.volume && isPattern(place.path)) {
      patterns = true;
      all.push(...(await matches(place, place.volume, doing, follow)));
    } else throw await absent(place, doing);
  }
  return { all, patterns };
}

async function matches(place: Place, volume: VolumeStorage, doing: string, follow: boolean): Promise<Source[]> {
  const found = await matching(volume, place.path, follow);
  if (found.length > 0) {
    return found.map((entry) => ({
      volume,
      path: entry.path,
      shown: joined(volume.name, entry.path),
      asFolder: false,
      entry,
      matched: true,
    }));
  }
  throw new LigaseError(
    "LIGASE_E_NO_MATCH",
    `cannot ${doing} ${place.shown}: nothing in the volume ${volume.name} is like it`,
    {
      facts: { volume: volume.name, pattern: place.path },
      mend: `ligase ls ${volume.name} lists what there is; quote the pattern, so that the shell leaves it alone`,
    },
  );
}

async function absent({ volume, path, shown }: Place, doing: string): Promise<LigaseError> {
  if (!volume) {
    const pattern = isPattern(path) ? "; write it without quotes, so that the shell looks for files" : "";
    return new LigaseError("LIGASE_E_NO_FILE", `cannot ${doing} ${shown}: it does not exist`, {
      facts: { path },
      mend: `check the path${pattern}`,
    });
  }
  const folder = folderOf(path);
  const names = await volume.list(folder).catch(() => []);
  const near = nearest(
    baseOf(path),
    names.map((each) => baseOf(each.path)),
  );
  return new LigaseError("LIGASE_E_NO_FILE", `cannot ${doing} ${shown}: it does not exist`, {
    facts: { volume: volume.name, path },
    mend:
      near === undefined
        ? `ligase ls ${joined(volume.name, folder)} lists what there is`
        : `did you mean ${joined(volume.name, joined(folder, near))}?`,
  });
}
