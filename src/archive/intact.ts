import type { Fingerprints } from "../files/index.ts";
import { locate, type Places } from "../record/index.ts";
import { withFiles } from "./value-texts.ts";

/**
 * Are the files in the text of a value where it says, with the content that it says? Those at URLs are taken to be: who
 * needs one asks the server.
 *
 * @param trace - is it the trace of an async body?
 */
export async function areIntact(
  text: string,
  trace: boolean,
  places: Places,
  fingerprints: Fingerprints,
): Promise<boolean> {
  const files: { path: string; hash: string }[] = [];
  withFiles(text, trace, ({ path, hash }) => {
    if (hash !== undefined && !/^https?:/i.test(path)) files.push({ path: locate(path, places), hash });
  });
  for (const { path, hash } of files) if (!(await fingerprints.verify(path, hash).catch(() => false))) return false;
  return true;
}
