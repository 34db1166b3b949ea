import { isAbsolute, join, relative } from "node:path";
import { type AtomCodec, type Json, LigaseError } from "../kernel/index.ts";
import { Dir } from "./dir.ts";
import { File, setSidecars } from "./file.ts";
import { type Known, knownOf, type Located, setKnown, setLocalPath } from "./located.ts";
import { isRemote } from "./location.ts";
import { Output, saidType } from "./output.ts";

/** What the written form of a place is relative to. */
export interface FileContext {
  /** The store's folder: outputs lie in it. */
  readonly storeDir: string;
  /** The project's folder: inputs often lie in it. */
  readonly root: string;
  /** Whose knowledge counts: the run's {@link Fingerprints}. Without it, anyone's does. */
  readonly fingerprints?: object;
  /** Where the content of URLs was fetched to, by URL: for a process that cannot fetch it by itself. */
  readonly fetched?: ReadonlyMap<string, string>;
}

/** A path relative to a folder, if it lies in it. */
function within(dir: string, path: string): string | undefined {
  const inside = relative(dir, path);
  return inside !== "" && inside !== ".." && !inside.startsWith("../") && !isAbsolute(inside) ? inside : undefined;
}

/**
 * How Files, Outputs and Dirs are written: by name and content for identity, with their place for storage.
 * Places are relative where they can be, so that a project with its store can be moved.
 */
export function fileAtoms(context: FileContext): AtomCodec[] {
  const { storeDir, root, fingerprints, fetched } = context;

  // Each form has its own beginning: `ligase:` the store, `./` the project, `/` a path, else a URL.
  const place = (path: string): string => {
    if (isRemote(path)) return path;
    const stored = within(storeDir, path);
    if (stored !== undefined) return `ligase:${stored}`;
    const inside = within(root, path);
    return inside === undefined ? path : `./${inside}`;
  };
  const find = (text: string): string =>
    text.startsWith("ligase:") ? join(storeDir, text.slice(7)) : text.startsWith("./") ? join(root, text) : text;

  const known = (value: Located): Known | undefined => {
    const facts = knownOf(value);
    return facts && (fingerprints === undefined || facts.by === fingerprints) ? facts : undefined;
  };
  const written = (value: Located): { path: string; hash?: string; size?: number } => {
    const facts = known(value);
    return { path: place(value.path), ...(facts && { hash: facts.hash, size: facts.size }) };
  };

  const fileIdentity = (file: File): Json | undefined => {
    const facts = known(file);
    if (!facts) return undefined;
    if (file.sidecars.length === 0) return { name: file.name, hash: facts.hash };
    const sidecars: Json[] = [];
    for (const side of file.sidecars) {
      const identity = fileIdentity(side);
      if (identity === undefined) return undefined;
      sidecars.push(identity);
    }
    return { name: file.name, hash: facts.hash, sidecars };
  };
  const encodeFile = (file: File): Json =>
    file.sidecars.length === 0 ? written(file) : { ...written(file), sidecars: file.sidecars.map(encodeFile) };
  const decodeFile = (json: Json): File => {
    const { path, sidecars } = fields(json);
    const file = new File(find(path));
    learn(file, json);
    const local = fetched?.get(file.path);
    if (local !== undefined) setLocalPath(file, local);
    if (sidecars) setSidecars(file, sidecars.map(decodeFile));
    return file;
  };
  const learn = (value: Located, json: Json): void => {
    const { hash, size } = fields(json);
    if (hash !== undefined && size !== undefined) setKnown(value, { hash, size, by: fingerprints });
  };

  const files: AtomCodec<File> = {
    tag: "file",
    is: (value): value is File => value instanceof File && !(value instanceof Output),
    identity: fileIdentity,
    encode: encodeFile,
    decode: decodeFile,
  };
  const outputs: AtomCodec<Output> = {
    tag: "output",
    is: (value) => value instanceof Output,
    identity: (output) => withType(fileIdentity(output), output),
    encode: (output) => withType(encodeFile(output), output)!,
    decode: (json) => {
      const { path, sidecars, mediaType } = fields(json);
      const output = new Output(find(path), mediaType === undefined ? {} : { mediaType });
      learn(output, json);
      if (sidecars) setSidecars(output, sidecars.map(decodeFile));
      return output;
    },
  };
  const dirs: AtomCodec<Dir> = {
    tag: "dir",
    is: (value) => value instanceof Dir,
    identity: (dir) => {
      const facts = known(dir);
      return facts && { name: dir.name, hash: facts.hash };
    },
    encode: written,
    decode: (json) => {
      const dir = new Dir(find(fields(json).path));
      learn(dir, json);
      return dir;
    },
  };
  return [files, dirs, outputs];
}

/** A media type counts, and is kept, where it was said; otherwise it comes of the name. */
function withType(written: Json | undefined, output: Output): Json | undefined {
  const mediaType = saidType(output);
  return mediaType === undefined || written === undefined ? written : { ...(written as object), mediaType };
}

interface Written {
  readonly path: string;
  readonly hash?: string;
  readonly size?: number;
  readonly sidecars?: readonly Json[];
  readonly mediaType?: string;
}

function fields(json: Json): Written {
  if (
    json !== null &&
    typeof json === "object" &&
    !Array.isArray(json) &&
    typeof (json as { path?: unknown }).path === "string"
  ) {
    return json as unknown as Written;
  }
  throw new LigaseError("LIGASE_E_STORED_FILE", `a stored file is not in a form known here: ${JSON.stringify(json)}`);
}
