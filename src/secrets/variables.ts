/** What the environment says of secrets. */
export interface SecretVariables {
  /** `LIGASE_SECRETS_KEY`: the key, or a passphrase. */
  readonly key: string | undefined;
  /** `LIGASE_SECRET_<NAME>`: values that stand before those in the store, as CI sets them. */
  readonly values: ReadonlyMap<string, string>;
}

const KEY = "LIGASE_SECRETS_KEY";
const VALUE = "LIGASE_SECRET_";

/** Reads what an environment says of secrets. */
export function readSecretVariables(env: Readonly<Record<string, string | undefined>>): SecretVariables {
  const values = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith(VALUE) && name.length > VALUE.length && value ? [[name.slice(VALUE.length), value] as const] : [],
  );
  return { key: env[KEY] || undefined, values: new Map(values) };
}

/** What was taken out of an environment before: whoever asks again gets it too. */
const takenBefore = new WeakMap<object, SecretVariables>();

/**
 * Takes what an environment says of secrets out of it, so that no process that is started later finds it there. Asked
 * again, it answers what it took before.
 *
 * @example
 * ```ts
 * const secrets = openSecrets(store, takeSecretVariables(process.env));
 * ```
 */
export function takeSecretVariables(env: Record<string, string | undefined>): SecretVariables {
  const before = takenBefore.get(env);
  const said = readSecretVariables(env);
  const taken = {
    key: said.key ?? before?.key,
    values: new Map([...(before?.values ?? []), ...said.values]),
  };
  takenBefore.set(env, taken);
  for (const name of [KEY, ...[...taken.values.keys()].map((each) => VALUE + each)]) delete env[name];
  return taken;
}
