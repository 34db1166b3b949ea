import { createHash, type Hash as Hasher } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";
import { dirname, join, matchesGlob, resolve } from "node:path";
import { refuse } from "./checks.ts";
import type { LocalContent } from "./layers.ts";

/** Files are read in pieces of this size: an archive of an image may be larger than the memory. */
const PIECE = 2 ** 20;
/** Folders that change by themselves, and never belong into an environment. */
const NEVER = new Set([".git", ".ligase"]);

function hashFile(path: string): string {
  const hasher = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hasher.update(read === PIECE ? piece : piece.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hasher.digest("hex");
}

/** One line per entry, in the order of their names: the same folder gives the same lines on every machine. */
function addFolder(hasher: Hasher, folder: string, inside: string, ignored: (path: string) => boolean): void {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const name = inside === "" ? entry.name : `${inside}/${entry.name}`;
    if (NEVER.has(entry.name) || ignored(name)) continue;
    if (entry.isSymbolicLink()) hasher.update(`link\0${name}\0${readlinkSync(path)}\n`);
    else if (entry.isDirectory()) {
      hasher.update(`folder\0${name}\n`);
      addFolder(hasher, path, name, ignored);
    } else if (entry.isFile()) {
      // Of the mode only what the owner may execute: the rest is a habit of the machine (umask).
      const kind = (lstatSync(path).mode & 0o100) === 0 ? "file" : "program";
      hasher.update(`${kind}\0${name}\0${hashFile(path)}\n`);
    }
  }
}

/** Why a local file cannot be had, in the words of its user. */
function absent(what: string, given: string, path: string, error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code;
  const why = code === "ENOENT" ? "does not exist" : code === "EACCES" ? "may not be read" : `cannot be read: ${code}`;
  return refuse(`${given}, which the image takes ${what} from, ${why}`, `it was looked for at ${path}`, { path });
}

/**
 * The content of a file or a folder as a hash.
 *
 * @param what - what it is for, as messages say it
 */
export function readContent(what: string, given: string, base: string): LocalContent {
  const path = resolve(base, given);
  try {
    if (!statSync(path).isDirectory()) return { path, sha256: hashFile(path) };
    const hasher = createHash("sha256");
    addFolder(hasher, path, "", () => false);
    return { path, sha256: hasher.digest("hex") };
  } catch (error) {
    return absent(what, given, path, error);
  }
}

/** The folder a Dockerfile copies from: what its `.dockerignore` leaves of it. */
export function readContext(given: string, base: string): LocalContent {
  const path = resolve(base, given);
  try {
    const hasher = createHash("sha256");
    addFolder(hasher, path, "", dockerIgnored(path));
    return { path, sha256: hasher.digest("hex") };
  } catch (error) {
    return absent("its build context", given, path, error);
  }
}

/**
 * Docker's rules: the last line that fits decides, `!` takes back. A folder that is left out may have parts that are not, so
 * only what no line takes back is left out with all that is in it.
 */
function dockerIgnored(context: string): (path: string) => boolean {
  let text: string;
  try {
    text = readFileSync(join(context, ".dockerignore"), "utf8");
  } catch {
    return () => false;
  }
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const isBack = line.startsWith("!");
      const pattern = (isBack ? line.slice(1) : line).replace(/^\/+|\/+$/g, "");
      return { isBack, pattern };
    });
  if (rules.some(({ isBack }) => isBack)) return () => false;
  return (path) => rules.some(({ pattern }) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`));
}

/**
 * A file of requirements with those that it includes (`-r other.txt`), as one text.
 *
 * @throws LigaseError `LIGASE_E_IMAGE_DEFINITION` for what cannot be had inside of an environment: local paths, constraints
 */
export function readRequirements(given: string, base: string, above: readonly string[] = []): string {
  const path = resolve(base, given);
  if (above.includes(path)) return refuse(`${given} includes itself`, "break the circle of -r lines", { path });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return absent("Python packages", given, path, error);
  }
  return text
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "")
    .map((line) => {
      const included = /^(?:-r|--requirement)[\s=]*(.+)$/.exec(line)?.[1];
      if (included !== undefined) return readRequirements(included, dirname(path), [...above, path]);
      if (/^(-c|--constraint)\b/.test(line)) {
        refuse(`${given} has ${line}, a file of constraints`, "write the versions into the requirements themselves", {
          path,
        });
      }
      if (/^(-e|--editable)\b|^\.{0,2}\/|^file:/.test(line)) {
        refuse(
          `${given} names a local folder: ${line}`,
          'copy it in: .files("lib", "/opt/lib").run("pip install /opt/lib")',
          {
            path,
          },
        );
      }
      return line;
    })
    .join("\n");
}
