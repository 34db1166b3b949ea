import { isExpr } from "../../expr/lazy.ts";
import { Dir, File } from "../../files/index.ts";
import { formatBytes, LigaseError } from "../../kernel/index.ts";

/** Files up to this size go with the result, in bytes. */
const LARGEST_FILE = 16 * 1024 * 1024;
/** Deeper values are taken for ones that hold themselves. */
const DEEPEST = 500;

/** A value for JSON: as it is, or a copy of it in which what JSON does not have is written otherwise. */
export interface Plain {
  readonly value: unknown;
  /** Is there a lazy value in it? Then nothing is copied. */
  readonly lazy: boolean;
  /** Waits until the files in it are read; absent where there is none. */
  readonly files?: Promise<unknown>;
}

/**
 * What a handler gave, as JSON can say it: `undefined` is null, a bigint text, a Date ISO 8601, bytes base64, a File up to
 * 16 MB `{ name, size, data }` with its content as base64.
 *
 * @throws LigaseError `LIGASE_E_RESULT` for what would be lost: NaN, functions, Maps, folders
 */
export function plainOf(value: unknown): Plain {
  const reading: Promise<unknown>[] = [];
  let lazy = false;
  const visit = (part: unknown, path: string, depth: number): unknown => {
    if (typeof part === "string" || typeof part === "boolean" || part === null) return part;
    if (part === undefined) return null;
    if (typeof part === "number") {
      if (Number.isFinite(part)) return part;
      throw refused(path, `it is ${part}, which JSON does not have`, "return null, or leave it out");
    }
    if (typeof part === "bigint") return part.toString();
    if (typeof part === "symbol") throw refused(path, "it is a symbol", "return text");
    if (isExpr(part)) {
      lazy = true;
      return part;
    }
    if (typeof part === "function") throw refused(path, "it is a function", "return what it computes");
    if (depth > DEEPEST) throw refused(path, "it is nested too deeply, or holds itself", "return a tree of values");
    return Array.isArray(part) ? visitItems(part, path, depth) : visitObject(part, path, depth);
  };
  const visitObject = (part: object, path: string, depth: number): unknown => {
    const prototype: unknown = Object.getPrototypeOf(part);
    // Most of what comes: nothing else is asked of it.
    if (prototype === Object.prototype) return visitFields(part, path, depth);
    if (isFile(part)) {
      const made = { name: part.name, size: 0, data: "" };
      reading.push(read(part, made, path));
      return made;
    }
    if (part instanceof Dir) {
      throw refused(path, "it is a folder", "return its files, or let a task hand it out with output()");
    }
    if (ArrayBuffer.isView(part)) return base64(part);
    if (part instanceof Map || part instanceof Set) {
      throw refused(
        path,
        `it is a ${part.constructor.name}, of which JSON keeps nothing`,
        "return an array or an object",
      );
    }
    if (part instanceof Promise) throw refused(path, "it is a promise", "await it");
    // A Date, a URL, whatever says itself what it is in JSON.
    if (hasJson(part)) return visit(part.toJSON(""), path, depth + 1);
    return visitFields(part, path, depth);
  };
  const visitItems = (items: readonly unknown[], path: string, depth: number): unknown => {
    let copy: unknown[] | undefined;
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      // What is in long lists: asked without a call.
      if (typeof item === "number" && item - item === 0) continue;
      const made = visit(item, `${path}[${i}]`, depth + 1);
      if (made !== item) (copy ??= [...items])[i] = made;
    }
    return copy ?? items;
  };
  const visitFields = (object: object, path: string, depth: number): unknown => {
    let copy: Record<string, unknown> | undefined;
    for (const [key, field] of Object.entries(object)) {
      if (field === undefined) continue;
      const made = visit(field, path === "" ? key : `${path}.${key}`, depth + 1);
      if (made !== field) (copy ??= { ...object })[key] = made;
    }
    return copy ?? object;
  };
  const plain = visit(value, "", 0);
  return { value: lazy ? value : plain, lazy, ...(reading.length > 0 && !lazy && { files: Promise.all(reading) }) };
}

async function read(file: File, into: { size: number; data: string }, path: string): Promise<void> {
  const size = await file.size();
  if (size > LARGEST_FILE) {
    const says = `it is a file of ${formatBytes(size)}, and results hold files up to ${formatBytes(LARGEST_FILE)}`;
    throw refused(path, says, "let a task hand it out with output(), and return that: it becomes a link");
  }
  const bytes = await file.bytes();
  into.size = bytes.length;
  into.data = base64(bytes);
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function isFile(value: object): value is File {
  return value instanceof File;
}

function hasJson(value: object): value is { toJSON(key: string): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

function refused(path: string, says: string, mend: string): LigaseError {
  const what = path === "" ? "the result" : `${path} in the result`;
  return new LigaseError("LIGASE_E_RESULT", `${what} cannot be written as JSON: ${says}`, { facts: { path }, mend });
}
