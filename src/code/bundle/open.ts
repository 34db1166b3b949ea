import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { TaskDefinition } from "../../expr/definition.ts";
import { DefinitionHandle } from "../../expr/definition-handle.ts";
import type { TaskImpl } from "../../expr/task.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { Program } from "../types.ts";
import { type PackedDefinitions, unpackDefinition } from "./pack.ts";

/** A bundle in this process, from the moment its evaluation begins. */
export interface OpenProgram {
  /** Filled while its modules are evaluated. */
  readonly tasks: Map<string, TaskImpl>;
  /** What the loader puts in front of the arguments of a task. */
  handle(index: number): DefinitionHandle;
  /** The `import.meta` of the module a piece of the bundle comes from. */
  meta(id: string): ImportMeta;
}

/** What is known of the bundles of this process, by their URL. */
interface Registry {
  readonly open: Map<string, OpenProgram>;
  readonly projects: Map<string, { readonly root: string; readonly main: string | undefined }>;
  registered?: Program;
}

declare global {
  var __ligaseBundles: Registry | undefined;
}

/*
 * A bundle is a module of its own: it finds the process it is in through nothing but its imports.
 * On the global object and not in this module, because a test runner may hold a second copy of it.
 */
const registry: Registry = (globalThis.__ligaseBundles ??= { open: new Map(), projects: new Map() });

/** Says where the project of a bundle is, before it is imported. `main` is the module that runs as the program. */
export function announceBundle(url: string, root: string, main?: string): void {
  if (!registry.projects.has(url)) registry.projects.set(url, { root, main });
}

/** The project's folder of a bundle; undefined for what is no bundle. */
export function bundleRoot(url: string): string | undefined {
  return registry.projects.get(url)?.root;
}

/** The bundles announced in this process: their URL and their project. */
export function announcedBundles(): IterableIterator<[url: string, project: { readonly root: string }]> {
  return registry.projects.entries();
}

/** A bundle whose evaluation has begun. */
export function openedProgram(url: string): OpenProgram | undefined {
  return registry.open.get(url);
}

/** The program that this process runs as its own; see `registered.ts`. */
export function registered(): Program | undefined {
  return registry.registered;
}

/** Says so. */
export function setRegistered(program: Program): void {
  registry.registered = program;
}

/** Called by a bundle as the first thing it does. */
export function openProgram(url: string, packed: PackedDefinitions): OpenProgram {
  const tasks = new Map<string, TaskImpl>();
  const metas = new Map<string, ImportMeta>();
  const register = (definition: TaskDefinition) => (task: TaskImpl) => {
    if (!task.lifted && task.name !== definition.name) {
      throw new LigaseError(
        "LIGASE_E_TASK_NAME",
        `${definition.file}:${definition.line}: the task "${definition.name}" is named "${task.name}" by its options`,
        { mend: `write the name in place, as a literal: task({ name: ${JSON.stringify(task.name)} }, …)` },
      );
    }
    tasks.set(definition.name, task);
  };
  const program: OpenProgram = {
    tasks,
    handle(index) {
      const definition = unpackDefinition(packed, index);
      return new DefinitionHandle(definition, register(definition));
    },
    meta(id) {
      let meta = metas.get(id);
      if (!meta) metas.set(id, (meta = makeMeta(url, id)));
      return meta;
    },
  };
  registry.open.set(url, program);
  return program;
}

function makeMeta(bundle: string, id: string): ImportMeta {
  const project = registry.projects.get(bundle);
  const filename = join(project?.root ?? dirname(fileURLToPath(bundle)), id);
  const url = pathToFileURL(filename).href;
  const near = createRequire(url);
  return {
    url,
    filename,
    dirname: dirname(filename),
    main: project?.main === id,
    resolve: (specifier) =>
      /^\.{0,2}\//.test(specifier) ? new URL(specifier, url).href : pathToFileURL(near.resolve(specifier)).href,
  };
}
