import { createHash } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TaskDefinition } from "../../expr/definition.ts";
import { formatBytes, type Hash, LigaseError } from "../../kernel/index.ts";
import { ingredientsOf } from "../bundle/fresh.ts";
import { programId } from "../bundle/cache.ts";
import { makePacked } from "../bundle/make.ts";
import { type LoadOptions, locate } from "../load.ts";
import { type ModuleGraph, readGraph } from "../modules/graph.ts";
import { projectPath } from "../modules/root.ts";
import { findFiles, type Skipped } from "../sync/index.ts";
import { findHandlers, type FoundHandler } from "../tasks/handlers.ts";
import { readPython } from "../tasks/python.ts";
import type { Diagnostic } from "../types.ts";
import { type CodeFile, codeHashOf } from "./code-file.ts";
import { PACKED_DIR } from "./load-packed.ts";

/** A file of code, and where its content is had from. */
export interface PackedFile extends CodeFile {
  /** An absolute path, or the content. */
  readonly from: string | Uint8Array;
}

/** Code that is ready to go to another machine. */
export interface PackedCode {
  readonly files: readonly PackedFile[];
  readonly codeHash: Hash;
  /** Files of the project that were left out. */
  readonly skipped: readonly Skipped[];
}

/** A program in TypeScript that is ready to go to another machine. */
export interface PackedProgram extends PackedCode {
  /** The bundle among the files; see `loadPacked`. */
  readonly bundle: string;
  /** What the source says of its endpoints and web apps, by the name of the export, in order. */
  readonly handlers: ReadonlyMap<string, FoundHandler>;
  readonly tasks: readonly TaskDefinition[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a program is packed with. */
export interface PackOptions extends LoadOptions {
  /** Do all files of the project go too? Programs that are no TypeScript need them. */
  readonly whole?: boolean;
  /** Absolute paths of folders of the project that are left out then, as the store. */
  readonly without?: readonly string[];
  /** Does only what its tasks need go into the bundle? A program that runs itself must not do so where it is sent. */
  readonly tasksOnly?: boolean;
}

/** A larger file is data more than code. */
const LARGEST = 100 * 1024 * 1024;

/**
 * Packs a program in TypeScript: one bundle with the packages that it uses inside, the files that it names by
 * `new URL("…", import.meta.url)` and its Python, and its sources, so that `ligase why` can show them.
 *
 * @throws LigaseError as `loadProgram`; `LIGASE_E_NATIVE_PACKAGE`, `LIGASE_E_DEPLOY_FILE`
 */
export async function packProgram(entry: string, options: PackOptions = {}): Promise<PackedProgram> {
  const place = locate(entry, options);
  const { root } = place;
  const graph = readGraph(place.entry, root);
  const python = readPython(graph);
  const ingredients = ingredientsOf(graph, python);
  const { tasksOnly = false } = options;
  const id = programId(ingredients, tasksOnly ? "packed tasks" : "packed");
  const bundle = `${PACKED_DIR}/${id}.mjs`;
  const packed = await makePacked({ graph, python, ingredients, id, file: join(root, bundle), tasksOnly });
  const files = new Map<string, PackedFile>();
  const add = (file: PackedFile): void => void files.set(file.path, file);
  for (const module of graph.modules.values()) {
    // A module of a workspace package lies elsewhere; the bundle has it.
    if (isInside(module.id)) add(contentFile(module.id, Buffer.from(module.source)));
  }
  for (const path of [...namedFiles(graph), ...(python?.files.keys() ?? [])]) add(projectFile(root, path));
  const whole = options.whole ? packFiles(root, options.without) : undefined;
  for (const file of whole?.files ?? []) add(file);
  add(contentFile(bundle, Buffer.from(packed.built.code)));
  add(contentFile(`${bundle}.map`, Buffer.from(packed.built.map)));
  add(contentFile(bundle.replace(/\.mjs$/, ".json"), Buffer.from(JSON.stringify(packed.manifest))));
  const all = sorted([...files.values()]);
  return {
    files: all,
    codeHash: codeHashOf(all),
    skipped: whole?.skipped ?? [],
    bundle,
    handlers: findHandlers(graph),
    tasks: packed.analysis.definitions,
    diagnostics: packed.manifest.diagnostics,
  };
}

/**
 * Packs the files of a project as they are, but for what is ignored: see `code/sync`.
 *
 * @param root - absolute and real
 * @param without - absolute paths of folders that are left out, as the store
 */
export function packFiles(root: string, without: readonly string[] = []): PackedCode {
  const { files, links, skipped } = findFiles(root, without);
  const plain = files.map(({ path }) => projectFile(root, join(root, path)));
  // A link is what it leads to: there are none where the code goes.
  const linked = links.flatMap(({ path }) => {
    const real = realpathSync(join(root, path));
    if (statSync(real).isFile()) return packFile(real, path);
    const folder = `${projectPath(root, real)}/`;
    const inside = plain.filter((file) => file.path.startsWith(folder));
    return inside.map((file) => ({ ...file, path: `${path}/${file.path.slice(folder.length)}` }));
  });
  const all = sorted([...plain, ...linked]);
  return { files: all, codeHash: codeHashOf(all), skipped };
}

/** The files that modules name by `new URL("…", import.meta.url)`. Imported ones are inside of the bundle. */
function namedFiles({ modules }: ModuleGraph): string[] {
  return [...modules.values()].flatMap((module) =>
    [...module.targets].flatMap(([specifier, target]) =>
      specifier.startsWith("url:") && target.kind === "asset" ? target.path : [],
    ),
  );
}

function isInside(path: string): boolean {
  return !path.startsWith("../") && !path.startsWith("/");
}

function projectFile(root: string, from: string): PackedFile {
  const path = projectPath(root, from);
  if (isInside(path)) return packFile(from, path);
  throw new LigaseError("LIGASE_E_DEPLOY_FILE", `${path} lies outside of the project, and cannot be uploaded`, {
    facts: { path },
    mend: "move it into the project",
  });
}

/**
 * A file as it is packed.
 *
 * @param from - absolute
 * @param path - where it will lie in the code
 * @throws LigaseError `LIGASE_E_DEPLOY_FILE` for one that is too large
 */
export function packFile(from: string, path: string): PackedFile {
  const stats = statSync(from);
  if (stats.size > LARGEST) {
    throw new LigaseError("LIGASE_E_DEPLOY_FILE", `${path} is too large to be uploaded: ${formatBytes(stats.size)}`, {
      facts: { path, size: stats.size },
      mend: "put it on a volume: ligase cp",
    });
  }
  const hash = createHash("sha256").update(readFileSync(from)).digest("hex");
  return { path, hash, size: stats.size, executable: (stats.mode & 0o111) !== 0, from };
}

function contentFile(path: string, content: Uint8Array): PackedFile {
  const hash = createHash("sha256").update(content).digest("hex");
  return { path, hash, size: content.byteLength, executable: false, from: content };
}

function sorted(files: readonly PackedFile[]): readonly PackedFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
