import { randomBytes, scryptSync } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fsError, systemCode } from "../files/fs-error.ts";
import { LigaseError, newId } from "../kernel/index.ts";

/** Bytes of a key of AES-256. */
export const KEY_BYTES = 32;
/** Of a passphrase: shorter ones are guessed. */
const SHORTEST_PHRASE = 12;
/** Each guess at a passphrase takes 64 MiB and a fifth of a second (RFC 7914). */
const SCRYPT = { N: 2 ** 16, r: 8, p: 2, maxmem: 2 ** 28 };

/** Where the key of secrets comes from: the environment, or a file of the user's. */
export type KeySource =
  | { readonly kind: "key"; readonly key: Buffer; readonly from: string }
  | {
      readonly kind: "phrase";
      readonly phrase: string;
      /** Keys that were made of it, by their salts: each takes its time. */
      readonly made: Map<string, Buffer>;
    };

/** The key that a source has for a salt. A passphrase has another one for each. */
export function keyFor(source: KeySource, salt: Buffer): Buffer {
  if (source.kind === "key") return source.key;
  const known = source.made.get(salt.toString("hex"));
  if (known) return known;
  const key = scryptSync(source.phrase.normalize("NFKC"), salt, KEY_BYTES, SCRYPT);
  source.made.set(salt.toString("hex"), key);
  return key;
}

/** Where the key lies that `ligase secret set` makes: `$XDG_CONFIG_HOME/ligase/secrets.key`, else below `~/.config`. */
export function keyFile(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "ligase", "secrets.key");
}

/**
 * Reads what `LIGASE_SECRETS_KEY` says: 32 bytes in Base64 or hexadecimal, or any other text as a passphrase.
 *
 * @throws LigaseError `LIGASE_E_SECRETS_KEY` for a passphrase that is too short
 */
export function keyOfText(text: string): KeySource {
  const from = "LIGASE_SECRETS_KEY";
  const key = bytesOf(text.trim());
  if (key) return { kind: "key", key, from };
  if (text.length >= SHORTEST_PHRASE) return { kind: "phrase", phrase: text, made: new Map() };
  throw new LigaseError("LIGASE_E_SECRETS_KEY", `${from} is too short for a passphrase`, {
    mend: `at least ${SHORTEST_PHRASE} characters, or a key: openssl rand -base64 ${KEY_BYTES}`,
  });
}

/** The bytes of a key that is written in Base64 or hexadecimal; nothing where it is neither. */
function bytesOf(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, "base64url") : undefined;
}

/**
 * Reads the key file.
 *
 * @returns nothing when there is none
 * @throws LigaseError `LIGASE_E_SECRETS_KEY` when others may read or change it, or when it holds no key
 */
export function readKeyFile(path: string): KeySource | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fsError(error, path, "read the key of secrets in");
  }
  try {
    const { mode, uid } = fstatSync(fd);
    const own = process.getuid?.();
    if (own !== undefined && uid !== own) refuse(path, "belongs to another user", `chown ${own} ${path}`);
    if ((mode & 0o077) !== 0)
      refuse(path, "may be read by others", `chmod 600 ${path}, and consider who may have read it`);
    const folder = dirname(path);
    if ((statSync(folder).mode & 0o022) !== 0)
      refuse(path, "lies in a folder that others may change", `chmod 700 ${folder}`);
    const key = bytesOf(readFileSync(fd, "utf8").trim());
    if (!key)
      return refuse(path, "holds no key", "bring it back from a copy; what was sealed with it is lost without it");
    return { kind: "key", key, from: path };
  } finally {
    closeSync(fd);
  }
}

/** Reads the key file, and makes it where there is none. Of several that make it at once, all get the same. */
export function madeKeyFile(path: string): KeySource {
  const found = readKeyFile(path);
  if (found) return found;
  const temporary = join(dirname(path), `.${newId()}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { flag: "wx", mode: 0o600 });
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    } finally {
      unlinkSync(temporary);
    }
  } catch (error) {
    throw fsError(error, path, "make the key of secrets in");
  }
  const made = readKeyFile(path);
  if (made) return made;
  throw new LigaseError("LIGASE_E_SECRETS_KEY", `${path} went while it was made`, { mend: "try again" });
}

function refuse(path: string, why: string, mend: string): never {
  throw new LigaseError("LIGASE_E_SECRETS_KEY", `the key of secrets, ${path}, ${why}`, { facts: { path }, mend });
}
