import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { LigaseError } from "../kernel/index.ts";
import { keyFor, type KeySource } from "./key.ts";

/*
 * A sealed value, in Base64:
 *
 *     1 byte    the form: 1 for a key, 2 for a passphrase
 *     16 bytes  a salt: what a passphrase is made a key with
 *     4 bytes   what tells this key from others
 *     12 bytes  a nonce, random: a key must not seal more than 2^32 values
 *     16 bytes  the tag, by which every change is found out
 *     the rest  the value, encrypted with AES-256-GCM
 *
 * The name of the secret is authenticated with it: a value that is put under another name does not open.
 */
const FORMS = { key: 1, phrase: 2 } as const;
/** Bytes of a salt. */
export const SALT = 16;
const MARK = 4;
const NONCE = 12;
const TAG = 16;
const HEAD = 1 + SALT + MARK + NONCE + TAG;
const CIPHER = "aes-256-gcm";

const markOf = (key: Buffer): Buffer =>
  createHmac("sha256", key).update("ligase: which key").digest().subarray(0, MARK);
const boundTo = (name: string, form: number): Buffer => Buffer.from(`ligase secret ${form} ${name}`);

/** The salt of a sealed value: others in the store take the same, so that a passphrase is made a key once for all. */
export function saltOf(sealed: string): Buffer {
  return Buffer.from(sealed, "base64").subarray(1, 1 + SALT);
}

/**
 * Encrypts the value of a secret. The same value is another text each time.
 *
 * @param salt - see {@link saltOf}; a new one by default
 */
export function seal(name: string, value: string, source: KeySource, salt: Buffer = randomBytes(SALT)): string {
  const form = FORMS[source.kind];
  const nonce = randomBytes(NONCE);
  const key = keyFor(source, salt);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(boundTo(name, form));
  const text = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(form), salt, markOf(key), nonce, cipher.getAuthTag(), text]).toString("base64");
}

/**
 * Decrypts what {@link seal} made.
 *
 * @throws LigaseError `LIGASE_E_SECRET_SEALED` when it was sealed with another key, or is not what it was
 */
export function unseal(name: string, sealed: string, source: KeySource): string {
  const bytes = Buffer.from(sealed, "base64");
  const [form, head] = [bytes[0], bytes.subarray(1, HEAD)];
  if (bytes.length < HEAD || (form !== FORMS.key && form !== FORMS.phrase)) throw changed(name);
  if (form !== FORMS[source.kind]) throw otherKey(name, source, form === FORMS.phrase ? "a passphrase" : "a key");
  const key = keyFor(source, head.subarray(0, SALT));
  if (!markOf(key).equals(head.subarray(SALT, SALT + MARK))) throw otherKey(name, source, "another key");
  const nonce = head.subarray(SALT + MARK, SALT + MARK + NONCE);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(boundTo(name, form));
  decipher.setAuthTag(head.subarray(HEAD - 1 - TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(HEAD)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw changed(name, cause);
  }
}

function otherKey(name: string, source: KeySource, sealedWith: string): LigaseError {
  const have = source.kind === "key" ? `the key in ${source.from}` : "the passphrase in LIGASE_SECRETS_KEY";
  return new LigaseError(
    "LIGASE_E_SECRET_SEALED",
    `the secret ${name} was sealed with ${sealedWith}, not with ${have}`,
    {
      facts: { secret: name },
      mend: `use the key that it was set with (LIGASE_SECRETS_KEY, or the key file), or set it again: ligase secret set ${name}`,
    },
  );
}

function changed(name: string, cause?: unknown): LigaseError {
  return new LigaseError("LIGASE_E_SECRET_SEALED", `the secret ${name} was changed in the store: it does not open`, {
    facts: { secret: name },
    mend: `set it again: ligase secret set ${name}`,
    cause,
  });
}
