import { posix } from "node:path";
import { isFileTag } from "../../files/written.ts";

/** A file within a stored value. */
export interface StoredFile {
  /** As it is stored: from the project, or from the store. */
  readonly path: string;
  /** Of its content; nothing of a folder. */
  readonly hash: string | undefined;
}

/** A part of a stored value that people can tell apart from others: a number, a word, a file's name. */
export interface StoredPart {
  /** Where it stands: `0.id`. */
  readonly at: string;
  readonly kind: "text" | "file" | "number";
  readonly text: string;
}

/** Of long lists so many items are looked at. */
const MOST_ITEMS = 3;

/** The parts of a stored value, in its order. */
export function partsOf(text: string): StoredPart[] {
  const parts: StoredPart[] = [];
  const visit = (value: unknown, at: string): void => {
    if (typeof value === "string") parts.push({ at, kind: "text", text: value });
    else if (typeof value === "number" || typeof value === "boolean")
      parts.push({ at, kind: "number", text: String(value) });
    else if (Array.isArray(value)) value.slice(0, MOST_ITEMS).forEach((item, i) => visit(item, under(at, String(i))));
    else if (typeof value === "object" && value !== null) {
      const file = fileOf(value);
      if (file) parts.push({ at, kind: "file", text: posix.basename(file.path) });
      // Other atoms (dates, tasks, bytes) tell little in a few words.
      else if (!("$" in value)) for (const [key, part] of Object.entries(value)) visit(part, under(at, key));
    }
  };
  visit(JSON.parse(text), "");
  return parts;
}

/** The files in a stored value, in its order. */
export function filesOf(text: string): StoredFile[] {
  const files: StoredFile[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const file = fileOf(value);
    if (file) files.push(file);
    else for (const part of Object.values(value)) visit(part);
  };
  visit(JSON.parse(text));
  return files;
}

const under = (at: string, key: string): string => (at === "" ? key : `${at}.${key}`);

/** A file or folder, as the codec writes it: `{ "$": "file", "v": { "path": … } }`. */
function fileOf(value: object): StoredFile | undefined {
  if (!("$" in value) || !isFileTag(value.$) || !("v" in value)) return undefined;
  const { v } = value;
  if (typeof v !== "object" || v === null || !("path" in v) || typeof v.path !== "string") return undefined;
  return { path: v.path, hash: "hash" in v && typeof v.hash === "string" ? v.hash : undefined };
}
