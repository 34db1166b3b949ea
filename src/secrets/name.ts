import { LigaseError } from "../kernel/index.ts";

/** Variables by which programs are found and begin: a secret of such a name would change what runs. */
const TAKEN =
  /^(?:LIGASE_|LD_|DYLD_)|^(?:PATH|HOME|SHELL|TMPDIR|PWD|IFS|ENV|BASH_ENV|NODE_OPTIONS|PYTHONPATH|PYTHONHOME|PERL5LIB|PERL5OPT)$/;

/** So long may a variable be on Linux (`MAX_ARG_STRLEN`), with room for its name. */
const MOST_BYTES = 120 * 1024;

/**
 * Makes sure that text may be the name of a secret: it becomes that of an environment variable.
 *
 * @throws LigaseError `LIGASE_E_SECRET`
 */
export function checkSecretName(name: string): string {
  const refuse = (why: string, mend: string): LigaseError =>
    new LigaseError("LIGASE_E_SECRET", `${JSON.stringify(name)} cannot be the name of a secret: ${why}`, {
      facts: { secret: name },
      mend,
    });
  if (!/^[A-Za-z_]\w{0,127}$/.test(name)) {
    throw refuse(
      "it is the name of a variable",
      "letters, digits and underscores, and no digit in first place: NCBI_API_KEY",
    );
  }
  if (TAKEN.test(name)) throw refuse("this variable has another use", "choose another name");
  return name;
}

/**
 * Makes sure that text may be the value of an environment variable.
 *
 * @throws LigaseError `LIGASE_E_SECRET`, which does not say the value
 */
export function checkSecretValue(name: string, value: string): string {
  const why =
    value === ""
      ? "it is empty"
      : value.includes("\0")
        ? "it holds a NUL"
        : Buffer.byteLength(value) > MOST_BYTES
          ? `it is longer than ${MOST_BYTES / 1024} KiB`
          : undefined;
  if (why === undefined) return value;
  throw new LigaseError("LIGASE_E_SECRET", `this cannot be the value of the secret ${name}: ${why}`, {
    facts: { secret: name },
    mend: "a secret becomes an environment variable",
  });
}
