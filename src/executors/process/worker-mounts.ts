import { existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mount } from "../../images/types.ts";
import { PYTHON_PACKAGE, WORKER_PROGRAM } from "../../worker/index.ts";
import { isWithin, STORE_PARTS } from "./seen-inputs.ts";
import type { PlannedEnclosure, WorkerProgram } from "./worker-plan.ts";

/**
 * Where our Node is in an environment. Not where it is outside: an image may have a Node of its own in that place, which
 * its tools need.
 */
export const NODE_INSIDE = "/.ligase/node";

/** The folder that stands in front of the store. */
const VEIL = "instead-of-the-store";

/** What a worker in an environment finds there. */
export interface WorkerPlaces {
  readonly program: WorkerProgram;
  readonly enclosure: PlannedEnclosure;
  readonly root: string;
  readonly storeDir: string;
  /** The folder of the engine's socket. */
  readonly socketDir: string;
  /** The one place that it writes to, besides volumes: its jobs' directories are made in it. */
  readonly scratch: string;
  /** In it: what is `/tmp` inside. */
  readonly temporary: string;
  /** A folder of the worker's own, outside of what it sees, for what stands in front of the store. */
  readonly ownDir: string;
}

/**
 * What a worker sees of this machine, each at the same path inside as outside: the project and what Ligase needs to run,
 * the store's code and outputs and no more of the store, its inputs, all read-only; its scratch and volumes. Outer ones
 * come first.
 */
export function workerMounts(places: WorkerPlaces): Mount[] {
  const { program, enclosure, root, storeDir, socketDir, scratch, temporary, ownDir } = places;
  const mounts = new Map<string, Mount>();
  const add = (from: string, at = from, writable = false): void => {
    if (existsSync(from)) mounts.set(at, { from, at, writable });
  };
  add(root);
  for (const { from, at } of programMounts(program.kind)) if (!visible(at, [root])) add(from, at);
  if (program.kind === "python") add(program.code);
  for (const part of STORE_PARTS) {
    // What comes to lie in it later must be seen too.
    mkdirSync(join(storeDir, part), { recursive: true });
    add(join(storeDir, part));
  }
  add(socketDir);
  add(temporary, "/tmp", true);
  add(scratch, scratch, true);
  for (const path of enclosure.inputs) add(path);
  for (const { from, at, writable } of enclosure.volumes) {
    add(from, from, writable);
    if (at.startsWith("/")) add(from, at, writable);
  }
  // In front of the store, whose database is nobody's business inside: an empty folder with places for the above.
  if (isWithin(root, storeDir)) add(veil(join(ownDir, VEIL), storeDir, [...mounts.values()]), storeDir);
  return [...mounts.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Where a path that a worker sees is on this machine; nothing for what is only in its environment. */
export function outsideOf(path: string, mounts: readonly Mount[]): string | undefined {
  const inner = mounts.findLast(({ at }) => isWithin(at, path));
  return inner && basename(inner.from) !== VEIL ? join(inner.from, relative(inner.at, path)) : undefined;
}

function visible(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isWithin(folder, path));
}

function veil(dir: string, storeDir: string, mounts: readonly Mount[]): string {
  mkdirSync(dir, { recursive: true });
  for (const { from, at } of mounts) {
    if (at === storeDir || !isWithin(storeDir, at)) continue;
    const place = join(dir, relative(storeDir, at));
    mkdirSync(statSync(from).isDirectory() ? place : dirname(place), { recursive: true });
    if (!existsSync(place)) writeFileSync(place, "");
  }
  return dir;
}

/**
 * What one of our programs needs to run in an environment: our code, and for Node Node itself.
 *
 * @param packages - further ones of npm's that it loads
 */
export function programMounts(kind: WorkerProgram["kind"], packages: readonly string[] = []): Mount[] {
  const paths = [...packagePaths(kind), ...packages.map(packageFolder)];
  const mounts = paths.map((path): Mount => ({ from: path, at: path, writable: false }));
  const node = { from: realpathSync(process.execPath), at: NODE_INSIDE, writable: false };
  return kind === "node" ? [...mounts, node] : mounts;
}

/** What of Ligase a worker loads. */
function packagePaths(kind: WorkerProgram["kind"]): string[] {
  if (kind === "python") return [fileURLToPath(PYTHON_PACKAGE)];
  // `src` or `dist`, with the package's description beside it, which says that its files are ES modules.
  const code = dirname(dirname(fileURLToPath(WORKER_PROGRAM)));
  return [code, join(dirname(code), "package.json"), ...mappingPackages(dirname(code))];
}

/** The folder of a package, as our code finds it. */
function packageFolder(name: string): string {
  const inside = `/node_modules/${name}/`;
  const file = createRequire(import.meta.url).resolve(name);
  return file.slice(0, file.lastIndexOf(inside) + inside.length - 1);
}

/** The folders of the packages with which the worker finds the user's lines in a stack: all it has that is not Ligase. */
function mappingPackages(from: string): string[] {
  const folders = new Set<string>();
  try {
    for (let at = from; dirname(at) !== at; at = dirname(at)) {
      const scope = join(at, "node_modules", "@jridgewell");
      if (existsSync(scope)) folders.add(scope);
    }
    const mapping = createRequire(join(from, "package.json")).resolve("@jridgewell/trace-mapping");
    const near = createRequire(mapping);
    for (const one of [
      mapping,
      ...["resolve-uri", "sourcemap-codec"].map((name) => near.resolve(`@jridgewell/${name}`)),
    ])
      folders.add(one.slice(0, one.lastIndexOf("/@jridgewell/") + "/@jridgewell".length));
  } catch {
    // Without them stacks name lines of the bundle.
  }
  return [...folders];
}
