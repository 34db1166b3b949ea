import { LigaseError } from "../kernel/index.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Tells whether text may be the name of a volume. */
export function isVolumeName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Makes sure that text may be the name of a volume: it is the name of a folder, and stands before a `/` on the command line.
 *
 * @throws LigaseError `LIGASE_E_VOLUME`
 */
export function checkVolumeName(name: unknown): string {
  if (typeof name === "string" && isVolumeName(name)) return name;
  const shown = typeof name === "string" ? JSON.stringify(name) : `a ${typeof name}`;
  throw new LigaseError("LIGASE_E_VOLUME", `${shown} cannot be the name of a volume`, {
    facts: { volume: String(name) },
    mend: "a name has up to 63 letters, digits, dots, dashes and underscores, and begins with a letter or a digit",
  });
}
