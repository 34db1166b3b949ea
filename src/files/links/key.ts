import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError, newId } from "../../kernel/index.ts";
import { fsError, systemCode } from "../fs-error.ts";

const KEY = /^[0-9a-f]{64}\n?$/;

/**
 * The key that signs the links of a store: made at first use, and for its owner alone. Without it older links are void.
 *
 * @throws LigaseError `LIGASE_E_LINK_KEY` when the file holds none; `LIGASE_E_PERMISSION`, `LIGASE_E_READ_ONLY`
 */
export function linkKey(storeDir: string): Buffer {
  return Buffer.from(signingKey(join(storeDir, "link.key"), "links"), "hex");
}

/**
 * A key that signs something of a store: 64 hexadecimal digits in a file of its owner's, made at first use.
 *
 * @param signs - what it signs, for messages: `links`
 * @throws LigaseError as {@link linkKey}
 */
export function signingKey(path: string, signs: string): string {
  const text = read(path) ?? make(path);
  if (!KEY.test(text)) {
    throw new LigaseError("LIGASE_E_LINK_KEY", `${path} holds no key: ${signs} cannot be signed`, {
      facts: { path },
      mend: `remove it: a new one is made, and the ${signs} made so far end`,
    });
  }
  return text.trim();
}

function read(path: string): string | undefined {
  try {
    // Who copied the store without its modes left it open to others.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fsError(error, path, "read");
  }
}

/** Another process may make one at the same moment: the first that is there counts, and it is whole when it is. */
function make(path: string): string {
  const temporary = `${path}.${newId()}.tmp`;
  const text = `${randomBytes(32).toString("hex")}\n`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: "wx", flush: true });
    linkSync(temporary, path);
    return text;
  } catch (error) {
    const other = systemCode(error) === "EEXIST" ? read(path) : undefined;
    if (other !== undefined) return other;
    throw fsError(error, path, "write");
  } finally {
    rmSync(temporary, { force: true });
  }
}
