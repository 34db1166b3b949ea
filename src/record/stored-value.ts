import { join } from "node:path";
import type { WrittenFile } from "../files/written.ts";
import { pathFrom } from "./path.ts";

/** Where the files of a store are. */
export interface Places {
  /** The project's folder. */
  readonly root: string;
  readonly storeDir: string;
}

/**
 * A stored value for people: files are their paths from here, dates and the like are text. Nothing is revived, so a
 * value of a class or task that is gone can be shown too.
 *
 * @param text - as the codec writes it
 */
export function storedValue(text: string, places: Places, cwd = process.cwd()): unknown {
  return storedValueWith(text, (path) => pathFrom(locate(path, places), cwd));
}

/**
 * The same with files written as is said.
 *
 * @param placeOf - is given places as the record has them
 * @param outputOf - says what stands for a file that was handed to people; by default its place
 */
export function storedValueWith(
  text: string,
  placeOf: (path: string) => string,
  outputOf: (output: WrittenFile) => unknown = ({ path }) => placeOf(path),
): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== "object" || part === null || !("$" in part) || typeof part.$ !== "string") return part;
    const v = "v" in part ? part.v : undefined;
    switch (part.$) {
      case "output":
        return outputOf(v as WrittenFile);
      case "file":
      case "dir":
        return placeOf((v as { path: string }).path);
      case "date":
        return typeof v === "number" ? new Date(v).toISOString() : v;
      case "regexp":
        return `/${(v as string[]).join("/")}`;
      case "bytes":
        return `<${Buffer.byteLength((v as string[])[1] ?? "", "base64")} bytes>`;
      case "task":
        return `<task ${String(Array.isArray(v) ? v[0] : v)}>`;
      case "undefined":
        return null;
      default:
        return v;
    }
  });
}

/** Where a stored place is now: the store and the project may have been moved. A URL stays one. */
export function locate(path: string, { root, storeDir }: Places): string {
  if (path.startsWith("ligase:")) return join(storeDir, path.slice("ligase:".length));
  return path.startsWith("./") ? join(root, path) : path;
}

/** Arguments in a line: `reads: "a.fq", depth: 10`. */
export function argumentsText(text: string, names: readonly string[], places: Places): string {
  const args = storedValue(text, places);
  if (!Array.isArray(args)) return "";
  return args.map((arg, i) => `${names[i] ? `${names[i]}: ` : ""}${JSON.stringify(arg)}`).join(", ");
}
