import { nearest } from "../kernel/index.ts";
import { usageError } from "./usage-error.ts";

/**
 * The id that people meant: itself, or the only one that begins like that.
 *
 * @throws LigaseError `LIGASE_E_ID`, exit status 2, with the nearest, or the candidates
 */
export function findId(word: string, ids: readonly string[], what: string): string {
  if (ids.includes(word)) return word;
  const like = ids.filter((id) => id.startsWith(word));
  const [only, ...others] = like;
  if (only !== undefined && others.length === 0) return only;
  if (like.length > 1) {
    throw usageError(
      "LIGASE_E_ID",
      [`several ${what}s begin with ${word}:`, ...like.slice(0, 8)].join("\n"),
      "write more",
    );
  }
  const near = nearest(word, ids);
  throw usageError(
    "LIGASE_E_ID",
    `there is no ${what} ${word}`,
    near === undefined ? `ligase ${what} ls lists them` : `did you mean ${near}?`,
    { id: word },
  );
}
