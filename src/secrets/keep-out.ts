import { createRedactor, errorFacts, LigaseError, redactDeep, reviveError } from "../kernel/index.ts";

/** Secrets by name, as a task has them. */
type Values = Readonly<Record<string, string>>;

/** Shorter values stand in results by chance. */
const SHORTEST = 8;

/**
 * An error without the values of secrets: in its message, stack, facts and causes. One that has none in it stays the
 * same object.
 *
 * @example
 * ```ts
 * redactError(new Error("401 for key s3cr3t-key"), { API_KEY: "s3cr3t-key" }); // Error: 401 for key ***
 * ```
 */
export function redactError(error: unknown, secrets: Values): unknown {
  const values = Object.values(secrets);
  if (values.length === 0) return error;
  const facts = errorFacts(error);
  const clean = redactDeep(createRedactor(values), facts);
  return JSON.stringify(clean) === JSON.stringify(facts) ? error : reviveError(clean);
}

/**
 * Refuses the result of a task that holds the value of one of its secrets: results are recorded, cached and exported.
 * The contents of files are not looked at.
 *
 * @param text - the result, as the codec writes it
 * @throws LigaseError `LIGASE_E_SECRET_RESULT`
 */
export function refuseInResult(text: string, secrets: Values, task: string): void {
  const found = Object.entries(secrets).find(
    ([, value]) =>
      value.length >= SHORTEST && (text.includes(value) || text.includes(JSON.stringify(value).slice(1, -1))),
  );
  if (!found) return;
  throw new LigaseError(
    "LIGASE_E_SECRET_RESULT",
    `the result of ${task} holds the secret ${found[0]}: results are recorded`,
    {
      facts: { task, secret: found[0] },
      mend: "return what was found with the secret, not the secret",
    },
  );
}
