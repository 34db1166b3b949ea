import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LigaseError } from "../kernel/index.ts";
import { messageOf } from "./fs-error.ts";

let project: string | undefined;

/**
 * The folder that relative paths count from: the project's, wherever the run was started. Without
 * a project it is the current one, taken once, so that a later `chdir` does not change which file
 * a path means.
 */
export function projectDir(): string {
  return (project ??= process.cwd());
}

/** Sets what {@link projectDir} answers; whoever loads user code does so before. */
export function setProjectDir(dir: string): void {
  project = resolve(dir);
}

/** Tells whether a location is an http(s) URL. */
export function isRemote(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

function refuse(location: string, why: string, mend: string): never {
  throw new LigaseError("LIGASE_E_LOCATION", `${JSON.stringify(location)} is no place for a file: ${why}`, {
    facts: { location },
    mend,
  });
}

/**
 * Reads what people give as the place of a file: an absolute path comes of a path or a `file:`
 * URL, an http(s) URL stays as it is.
 *
 * @throws LigaseError `LIGASE_E_LOCATION` when it is empty, holds a NUL, or is a URL of another kind
 */
export function parseLocation(given: string | URL): string {
  if (typeof given !== "string" && !(given instanceof URL)) {
    refuse(String(given), `it is a ${typeof given}`, "give a path, or a file:, http: or https: URL");
  }
  const text = typeof given === "string" ? given : given.href;
  if (text === "") refuse(text, "it is empty", "give a path");
  if (text.includes("\0")) refuse(text, "it holds a NUL character", "give a path without it");
  const scheme =
    /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ??
    (typeof given === "string" ? undefined : given.protocol.slice(0, -1));
  if (scheme === undefined) return resolve(projectDir(), text);
  try {
    if (scheme === "file") return resolve(fileURLToPath(text));
    if (scheme === "http" || scheme === "https") {
      void new URL(text); // Throws when it is none.
      return text;
    }
  } catch (error) {
    refuse(text, messageOf(error), "check the URL");
  }
  return refuse(text, `${scheme}: is not supported`, "give a path, or a file:, http: or https: URL");
}

/** The last part of a path or URL: `reads.fq.gz`. */
export function nameOf(location: string): string {
  if (!isRemote(location)) return location.slice(location.lastIndexOf("/") + 1);
  const { pathname, hostname } = new URL(location);
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  if (last === "") return hostname;
  try {
    const name = decodeURIComponent(last);
    return name.includes("/") || name.includes("\0") || name === ".." || name === "." ? last : name;
  } catch {
    return last;
  }
}
