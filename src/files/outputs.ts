import { readdirSync } from "node:fs";
import { join } from "node:path";
import { LigaseError, nearest } from "../kernel/index.ts";
import { Dir } from "./dir.ts";
import { File, setSidecars } from "./file.ts";
import { follow, WorkTree } from "./inside.ts";
import { Output } from "./output.ts";
import { mapOutputs, type OptionalOutput, type OutputPattern } from "./spec.ts";
import { byPath, walk } from "./walk.ts";

/** The type of what `outputs` gives: files, or lists of them where the text may be a pattern. */
export type OutputValue<S> = S extends Output
  ? Output
  : S extends string
    ? S extends `${string}/`
      ? HasWildcard<S> extends true
        ? Dir[]
        : Dir
      : HasWildcard<S> extends true
        ? File[]
        : File
    : S extends OptionalOutput<infer O>
      ? OutputValue<O> | (OutputValue<O> extends readonly unknown[] ? never : undefined)
      : S extends { readonly file: string; readonly sidecars: unknown }
        ? File
        : S extends object
          ? { -readonly [K in keyof S]: OutputValue<S[K]> }
          : never;
type HasWildcard<S extends string> = S extends `${string}${"*" | "?"}${string}`
  ? true
  : S extends `${string}[${string}]${string}`
    ? true
    : S extends `${string}{${string}${"," | ".."}${string}}${string}`
      ? true
      : false;

/** What {@link collectOutputs} may be told. */
export interface CollectOptions {
  /** Paths of staged inputs, relative to the work directory: patterns pass over them. */
  readonly staged?: ReadonlySet<string>;
}

/**
 * Finds the files that a script had to leave, in the shape of its `outputs`: a name gives a
 * `File`, a pattern a `File[]` sorted by path, a trailing slash a `Dir`.
 *
 * @param spec - see `ScriptSpec.outputs`
 * @param workDir - absolute path of the directory it ran in
 * @throws LigaseError `LIGASE_E_MISSING_OUTPUT`, naming what is there instead; `LIGASE_E_OUTPUT_OUTSIDE`
 * for a path or link that leads out of the work directory; `LIGASE_E_OUTPUT_KIND` for a file where a
 * directory was declared, or the other way round
 */
export async function collectOutputs(spec: unknown, workDir: string, options: CollectOptions = {}): Promise<unknown> {
  const tree = new WorkTree(workDir);
  const staged = options.staged ?? new Set<string>();
  const patterns: OutputPattern[] = [];
  mapOutputs(spec, (pattern) => patterns.push(pattern, ...pattern.sidecars));
  const listing = patterns.some(({ many }) => many) ? await list(workDir, patterns) : { files: [], folders: [] };

  const collect = (pattern: OutputPattern): File | Dir | readonly (File | Dir)[] | undefined => {
    const what = pattern.field === "" ? "the output" : `the output ${pattern.field}`;
    const one = (path: string): File | Dir | undefined => {
      const found = tree.look(path, what);
      if (!found) return undefined;
      if (pattern.shared && (found.stats.isFile() || found.stats.isDirectory())) {
        return new Output(join(workDir, path), pattern.shared);
      }
      if (pattern.directory !== found.stats.isDirectory() || !(pattern.directory || found.stats.isFile())) {
        throw wrongKind(what, path, pattern.directory, found.stats.isDirectory());
      }
      return pattern.directory ? new Dir(join(workDir, path)) : new File(join(workDir, path));
    };
    if (!pattern.many) {
      // `literal` is the path with its escapes read.
      const file = one(pattern.glob.literal ?? pattern.pattern);
      if (!file && !pattern.optional) throw missing(what, pattern, workDir, staged);
      if (file instanceof File && pattern.sidecars.length > 0) {
        const sidecars = pattern.sidecars
          .flatMap(collect)
          .filter((side) => side instanceof File && side.path !== file.path);
        setSidecars(file, unique(sidecars.filter((side) => side instanceof File)));
      }
      return file;
    }
    const matching = (pattern.directory ? listing.folders : listing.files).filter(
      (path) => pattern.glob.matches(path) && !staged.has(path),
    );
    const files = matching.map(one).filter((file) => file !== undefined);
    if (files.length === 0 && !pattern.optional) throw missing(what, pattern, workDir, staged);
    return files;
  };
  return mapOutputs(spec, collect);
}

function unique(files: readonly File[]): File[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** The files and folders that any of the patterns may mean, sorted. */
async function list(
  workDir: string,
  patterns: readonly OutputPattern[],
): Promise<{ files: string[]; folders: string[] }> {
  const folders: { path: string }[] = [];
  const entries = await walk(workDir, (folder) => {
    if (patterns.some(({ directory, glob }) => directory && glob.matches(folder))) folders.push({ path: folder });
    return patterns.some(({ many, glob }) => many && glob.mayHold(folder));
  });
  const files = entries.filter(
    ({ kind, path }) => kind === "file" || (kind === "link" && !follow(join(workDir, path))?.isDirectory()),
  );
  return { files: files.map(({ path }) => path), folders: folders.sort(byPath).map(({ path }) => path) };
}

function wrongKind(what: string, path: string, wanted: boolean, found: boolean): LigaseError {
  const [is, mend] = found
    ? ["a folder", `write ${JSON.stringify(`${path}/`)} for a folder`]
    : wanted
      ? ["a file", `write ${JSON.stringify(path)}, without the slash, for a file`]
      : ["no regular file", "a pipe, socket or device cannot be an output"];
  return new LigaseError("LIGASE_E_OUTPUT_KIND", `${what} (${path}) is ${is}`, { facts: { path }, mend });
}

const SHOWN = 8;

function missing(
  what: string,
  { field, pattern, many }: OutputPattern,
  workDir: string,
  staged: ReadonlySet<string>,
): LigaseError {
  const there = readdirSync(workDir)
    .filter((name) => !name.startsWith(".") && !staged.has(name))
    .sort();
  const near = many ? undefined : nearest(pattern, there);
  const names = there.slice(0, SHOWN).map((name) => (/^[\w.+-]+$/.test(name) ? name : JSON.stringify(name)));
  if (there.length > SHOWN) names.push(`${there.length - SHOWN} more`);
  const instead =
    there.length === 0 ? "the work directory holds no new files" : `the work directory holds ${names.join(", ")}`;
  return new LigaseError(
    "LIGASE_E_MISSING_OUTPUT",
    `${what} (${pattern}) ${many ? "matches nothing" : "is missing"}: ${instead}`,
    {
      facts: { field, pattern, workDir, found: there.slice(0, SHOWN) },
      mend:
        near === undefined
          ? "have the script write it, or declare it optional(…)"
          : `did you mean ${JSON.stringify(near)}?`,
    },
  );
}
