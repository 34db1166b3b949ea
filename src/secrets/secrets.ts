import { randomBytes } from "node:crypto";
import { createRedactor, LigaseError, nearest, type Redactor } from "../kernel/index.ts";
import type { Store } from "../store/types.ts";
import { keyFile, type KeySource, keyOfText, madeKeyFile, readKeyFile } from "./key.ts";
import { checkSecretName, checkSecretValue } from "./name.ts";
import { SALT, saltOf, seal, unseal } from "./seal.ts";
import { readSecretVariables, type SecretVariables } from "./variables.ts";

/** What may be told of a secret. */
export interface SecretInfo {
  readonly name: string;
  /** `environment`: `LIGASE_SECRET_<NAME>` is set, and stands before what is in the store. */
  readonly from: "store" | "environment";
  /** Milliseconds since 1970; null in the environment. */
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
}

type SecretStore = Pick<Store, "getSecret" | "listSecrets" | "putSecret" | "removeSecret">;

/** The secrets of a project. */
export class Secrets {
  readonly #store: SecretStore;
  readonly #variables: SecretVariables;
  readonly #keyFile: string;
  #source: KeySource | undefined;
  #salt: Buffer | undefined;

  constructor(store: SecretStore, variables: SecretVariables, path: string) {
    this.#store = store;
    this.#variables = variables;
    this.#keyFile = path;
  }

  /**
   * The values of secrets: of each the one in the environment (`LIGASE_SECRET_<NAME>`), else the one in the store.
   *
   * @param task - who names them, for the message
   * @throws LigaseError `LIGASE_E_SECRET` for those that are not set; `LIGASE_E_SECRETS_KEY`, `LIGASE_E_SECRET_SEALED`
   */
  async read(names: readonly string[], task?: string): Promise<Record<string, string>> {
    const values: [string, string][] = [];
    const missing: string[] = [];
    for (const name of new Set(names)) {
      const given = this.#variables.values.get(name);
      const row = given === undefined ? await this.#store.getSecret(name) : undefined;
      if (given !== undefined) values.push([name, checkSecretValue(name, given)]);
      else if (row) values.push([name, unseal(name, row.sealed, this.#key(name))]);
      else missing.push(name);
    }
    if (missing.length > 0) throw await this.#missing(missing, task);
    return Object.fromEntries(values);
  }

  /**
   * Keeps the value of a secret, in place of the one it had. The first key is made by whoever keeps the first secret.
   *
   * @returns whether it was set before
   * @throws LigaseError `LIGASE_E_SECRET` for a name or value that cannot be; `LIGASE_E_SECRETS_KEY`
   */
  async set(name: string, value: string, now = Date.now()): Promise<boolean> {
    checkSecretName(name);
    checkSecretValue(name, value);
    const others = await this.#store.listSecrets();
    const source = (this.#source ??= this.#found() ?? this.#firstKey(others.map((each) => each.name)));
    const salt = others.map(({ sealed }) => saltOf(sealed)).find(({ length }) => length === SALT);
    await this.#store.putSecret({ name, sealed: seal(name, value, source, salt), createdAt: now, updatedAt: now });
    return others.some((other) => other.name === name);
  }

  /** What there is, by name; no values. Needs no key. */
  async list(): Promise<readonly SecretInfo[]> {
    const stored = (await this.#store.listSecrets()).map(({ name, createdAt, updatedAt }): SecretInfo => {
      return { name, from: this.#variables.values.has(name) ? "environment" : "store", createdAt, updatedAt };
    });
    const known = new Set(stored.map(({ name }) => name));
    const given = [...this.#variables.values.keys()].filter((name) => !known.has(name));
    return [
      ...stored,
      ...given.map((name): SecretInfo => ({ name, from: "environment", createdAt: null, updatedAt: null })),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Forgets secrets: all of them, or none when one is not there.
   *
   * @throws LigaseError `LIGASE_E_SECRET` for one that is not in the store
   */
  async remove(names: readonly string[]): Promise<void> {
    const known = new Set((await this.#store.listSecrets()).map(({ name }) => name));
    const missing = names.filter((name) => !known.has(name));
    if (missing.length > 0) throw await this.#missing(missing);
    for (const name of names) await this.#store.removeSecret(name);
  }

  /**
   * Takes the values of all secrets out of texts. Of those that cannot be opened here nothing is known: none of these
   * could be given to anybody either.
   */
  async redactor(): Promise<Redactor> {
    const values = [...this.#variables.values.values()];
    for (const { name, sealed } of await this.#store.listSecrets()) {
      try {
        values.push(unseal(name, sealed, this.#key(name)));
      } catch (error) {
        if (!(error instanceof LigaseError)) throw error;
      }
    }
    return createRedactor(values);
  }

  /**
   * Seals a text that is kept elsewhere than among the secrets: as theirs, with their key.
   *
   * @param name - what it is: it opens as nothing else
   * @throws LigaseError `LIGASE_E_SECRETS_KEY`
   */
  async seal(name: string, text: string): Promise<string> {
    if (this.#source === undefined) {
      const others = await this.#store.listSecrets();
      this.#source ??= this.#found() ?? this.#firstKey(others.map((each) => each.name));
    }
    // A passphrase is made a key once, not for each.
    this.#salt ??= randomBytes(SALT);
    return seal(name, text, this.#source, this.#salt);
  }

  /**
   * Opens what {@link seal} made.
   *
   * @throws LigaseError `LIGASE_E_SECRETS_KEY`, `LIGASE_E_SECRET_SEALED`
   */
  unseal(name: string, sealed: string): string {
    return unseal(name, sealed, this.#key(name));
  }

  #found(): KeySource | undefined {
    const { key } = this.#variables;
    return key === undefined ? readKeyFile(this.#keyFile) : keyOfText(key);
  }

  #key(name: string): KeySource {
    const source = (this.#source ??= this.#found());
    if (source) return source;
    throw new LigaseError("LIGASE_E_SECRETS_KEY", `there is no key to open the secret ${name} with`, {
      facts: { secret: name, path: this.#keyFile },
      mend: `set LIGASE_SECRETS_KEY, bring back ${this.#keyFile}, or set the secret again: ligase secret rm ${name}, ligase secret set ${name}`,
    });
  }

  #firstKey(others: readonly string[]): KeySource {
    if (others.length === 0) return madeKeyFile(this.#keyFile);
    throw new LigaseError(
      "LIGASE_E_SECRETS_KEY",
      `the key with which ${others.join(", ")} ${others.length === 1 ? "was" : "were"} sealed is not here`,
      {
        facts: { path: this.#keyFile, secrets: others },
        mend: `set LIGASE_SECRETS_KEY or bring back ${this.#keyFile}; or begin anew: ligase secret rm ${others.join(" ")}`,
      },
    );
  }

  async #missing(names: readonly string[], task?: string): Promise<LigaseError> {
    const known = (await this.list()).map(({ name }) => name);
    const near = names.length === 1 ? nearest(names[0]!, known) : undefined;
    const what = names.length === 1 ? `the secret ${names[0]}, which is` : `the secrets ${names.join(", ")}, which are`;
    const set = `ligase secret set ${names[0]}`;
    return new LigaseError(
      "LIGASE_E_SECRET",
      task === undefined
        ? names.length === 1
          ? `there is no secret ${names[0]}`
          : `there are no secrets ${names.join(", ")}`
        : `${task} needs ${what} not set`,
      {
        facts: { secrets: names, ...(task !== undefined && { task }) },
        mend:
          near !== undefined
            ? `did you mean ${near}? Or: ${set}`
            : task === undefined
              ? "ligase secret ls lists those there are"
              : set,
      },
    );
  }
}

/**
 * The secrets of a project's store.
 *
 * @param variables - what the environment says of them: see `takeSecretVariables`. Default: that of this process, left as it is
 * @example
 * ```ts
 * const secrets = openSecrets(project.store);
 * await secrets.read(["NCBI_API_KEY"], "download"); // { NCBI_API_KEY: "…" }
 * ```
 */
export function openSecrets(
  store: SecretStore,
  variables: SecretVariables = readSecretVariables(process.env),
  path: string = keyFile(),
): Secrets {
  return new Secrets(store, variables, path);
}
