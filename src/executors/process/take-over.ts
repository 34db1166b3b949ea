import { decodeExpression } from "../../expr/decode.ts";
import { encodeExpression } from "../../expr/encode.ts";
import {
  type Activities,
  commitFiles,
  Dir,
  File,
  type Fingerprints,
  knownOf,
  nameOf,
  relocate,
} from "../../files/index.ts";
import { type Codec, LigaseError } from "../../kernel/index.ts";
import { isWithin } from "./seen-inputs.ts";

/** Whose files are taken over, and by whom. */
export interface TakeOver {
  readonly codec: Codec;
  readonly fingerprints: Fingerprints | undefined;
  readonly activities: Activities | undefined;
  /** The directory that the body ran in. */
  readonly dir: string;
  readonly outputDir: string;
  /**
   * Where a path of the body's is for us: the same, or in a volume. Undefined for what only the body could see: a file of
   * its image.
   */
  outside(path: string): string | undefined;
}

/**
 * Takes over the files that a body left in its directory, for a worker that does not do so by itself: it runs in an
 * environment, where it cannot write to the outputs, or it is none of ours.
 *
 * @param text - the result, as the worker wrote it
 * @returns the same result, with its files where they are now; and their bytes
 * @throws LigaseError `LIGASE_E_MISSING_OUTPUT`, `LIGASE_E_OUTPUT_OUTSIDE`, `LIGASE_E_NO_TASK`, as `commitFiles` does
 */
export async function takeOver(text: string, options: TakeOver): Promise<{ text: string; bytesOut: number }> {
  // Most results name no file, and need not be read.
  if (!text.includes('"$"')) return { text, bytesOut: 0 };
  const { codec, fingerprints, activities, dir, outputDir, outside } = options;
  const value = decodeExpression(text, codec);
  const { atoms } = encodeExpression(value, codec);
  const seen: (File | Dir)[] = [];
  const look = (atom: File | Dir): void => {
    seen.push(atom);
    if (atom instanceof File) atom.sidecars.forEach(look);
  };
  for (const atom of atoms) if (atom instanceof File || atom instanceof Dir) look(atom);
  if (atoms.length === 0) return { text, bytesOut: 0 };
  for (const atom of seen) {
    if (/^https?:/i.test(atom.path)) continue;
    const place = outside(atom.path);
    if (place === undefined) throw notOurs(atom.path);
    if (place !== atom.path) relocate(atom, place);
  }
  await commitFiles(atoms, dir, outputDir, {
    ...(fingerprints && { fingerprints }),
    ...(activities && { activities }),
  });
  const made = seen.filter((atom) => atom instanceof File && isWithin(outputDir, atom.path));
  return {
    text: encodeExpression(value, codec).text,
    bytesOut: made.reduce((sum, file) => sum + (knownOf(file)?.size ?? 0), 0),
  };
}

function notOurs(path: string): LigaseError {
  return new LigaseError("LIGASE_E_OUTPUT_OUTSIDE", `the result names ${path}, which is in the task's image only`, {
    facts: { path },
    mend: `write it, or copy it, into the task's directory: ${nameOf(path)}`,
  });
}
