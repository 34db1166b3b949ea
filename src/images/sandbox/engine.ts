import { rm } from "node:fs/promises";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import {
  type BuiltRoot,
  buildRootfs,
  findPrivilege,
  findProgram,
  findRootfs,
  openPlace,
  removeTree,
} from "../build/index.ts";
import { findGpus, type GpuDevice } from "../gpu/index.ts";
import { Image } from "../image.ts";
import type { ImageLock } from "../lock/types.ts";
import type { Enclosure, EngineCheck, Environment, ImageEngine, StoredEnvironment } from "../types.ts";
import { checkSandbox } from "./check.ts";
import { enterCommand } from "./enter.ts";
import { RootView } from "./root.ts";

/** How the engine of sandboxes is made. */
export interface SandboxOptions {
  /** Where built environments are kept: absolute. */
  readonly imagesDir: string;
  /** What a definition was when it was locked. */
  readonly lock?: (identity: string) => ImageLock | undefined;
}

/**
 * The engine that needs no daemon and no root: root file systems in a folder, entered through bubblewrap.
 *
 * @example
 * ```ts
 * const engine = createSandboxEngine({ imagesDir });
 * const environment = await engine.build(Image.debian("12").apt("bwa"));
 * const { command, env } = engine.enter(environment, { name: "j1", command: ["bwa"], cwd: work, mounts, … });
 * ```
 */
export function createSandboxEngine(options: SandboxOptions): ImageEngine {
  const { imagesDir } = options;
  const views = new Map<string, RootView>();
  const under = new Map<string, Promise<Environment>>();
  let checked: Promise<EngineCheck> | undefined;
  let bwrap: string | undefined;
  let gpus: readonly GpuDevice[] | undefined;
  const environmentOf = async ({ root, record }: BuiltRoot): Promise<Environment> => {
    gpus ??= await findGpus().catch(() => []);
    return {
      engine: "sandbox",
      identity: record.identity,
      digest: record.digest,
      place: root,
      env: record.env,
      packages: record.packages,
      workdir: record.workdir,
      ...(record.resolved !== null && !record.resolved.reference.includes("@") && { resolved: record.resolved.digest }),
    };
  };
  return {
    name: "sandbox",
    check: () => (checked ??= checkSandbox()),
    async find(image) {
      const built = findRootfs(options, image);
      return built && environmentOf(built);
    },
    build(image, hooks) {
      const running = under.get(image.identity);
      if (running !== undefined) return running;
      bwrap ??= needBwrap();
      const building = buildRootfs(options, image, hooks)
        .then(environmentOf)
        .finally(() => under.delete(image.identity));
      under.set(image.identity, building);
      return building;
    },
    enter(environment: Environment, enclosure: Enclosure) {
      const scratch = join(imagesDir, "building");
      const view = (root: string): RootView => {
        const known = views.get(root) ?? new RootView(root);
        views.set(root, known);
        return known;
      };
      return enterCommand({ bwrap: (bwrap ??= needBwrap()), scratch, gpus: gpus ?? [], view }, environment, enclosure);
    },
    async list() {
      const place = openPlace(imagesDir);
      // With a lock and without one a definition may be the same root file system: then it is one environment.
      const byRoot = new Map(place.environments().map((each) => [`${each.record.identity} ${each.record.key}`, each]));
      return Promise.all(
        [...byRoot.values()].map(async ({ record, usedAt }): Promise<StoredEnvironment> => {
          const root = join(place.root(record.key), "root");
          return {
            environment: await environmentOf({ root, id: "", record }),
            image: Image.fromJSON({ layers: record.layers }),
            builtAt: record.builtAt,
            usedAt,
            size: record.total,
          };
        }),
      );
    },
    async remove(environment) {
      const place = openPlace(imagesDir);
      const all = place.environments();
      const gone = all.filter(({ record }) => join(place.root(record.key), "root") === environment.place);
      for (const { id } of gone) await rm(join(imagesDir, "environments", `${id}.json`), { force: true });
      for (const key of new Set(gone.map(({ record }) => record.key))) {
        // The record goes first: what is half-removed is not found.
        await rm(join(place.root(key), "record.json"), { force: true });
        await removeTree(place.root(key), await findPrivilege());
      }
      views.delete(environment.place);
    },
  };
}

function needBwrap(): string {
  const found = findProgram("bwrap");
  if (found !== undefined) return found;
  throw new LigaseError("LIGASE_E_IMAGE_ENGINE", "sandboxes need bubblewrap, which is not installed", {
    mend: "apt-get install bubblewrap; ligase doctor shows what else is missing",
  });
}
