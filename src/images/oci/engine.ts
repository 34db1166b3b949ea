import { join } from "node:path";
import { type Hash, LigaseError } from "../../kernel/index.ts";
import { titleOf, withBuild } from "../build/index.ts";
import type { Image } from "../image.ts";
import { lockDigest } from "../lock/key.ts";
import type { ImageLock } from "../lock/types.ts";
import type { BuildHooks, Enclosure, EngineCheck, Environment, ImageEngine } from "../types.ts";
import { buildImage } from "./build.ts";
import { callClient } from "./client.ts";
import type { ClientFacts, Dialect, User } from "./dialect.ts";
import { inspectImage } from "./inspect.ts";
import { ImageRecords } from "./records.ts";
import { runCommand } from "./run-command.ts";

/** How an engine of podman or docker is made. */
export interface OciEngineOptions {
  /** Where what is known of built environments is kept, and where they are built: absolute. */
  readonly imagesDir: string;
  /** What a definition was when it was locked; nothing when it is not. */
  readonly lock?: (identity: Hash) => ImageLock | undefined;
}

/** An engine that builds and enters environments through the client of podman or docker. */
export function createOciEngine(dialect: Dialect, { imagesDir, lock }: OciEngineOptions): ImageEngine {
  const { name } = dialect;
  const records = new ImageRecords(join(imagesDir, name));
  let facts: ClientFacts = dialect.presumed;
  let probing: Promise<EngineCheck> | undefined;
  const check = (): Promise<EngineCheck> =>
    (probing ??= dialect.probe().then((probed) => {
      facts = probed.facts;
      return probed.check;
    }));

  /** What it is known by: the same definition, locked otherwise, is another image. */
  const keyOf = ({ identity }: Pick<Image, "identity">): string => {
    const locked = lockDigest(lock?.(identity));
    return locked === "" ? identity : `${identity}-${locked.slice(0, 12)}`;
  };

  const find = async (image: Image): Promise<Environment | undefined> => {
    await check();
    const record = records.find(keyOf(image));
    if (record === undefined) return undefined;
    const { environment } = record;
    if ((await inspectImage(name, environment.place)) === undefined) {
      // Somebody has removed it behind our back: `podman image prune`, another storage.
      records.remove(keyOf(image));
      return undefined;
    }
    records.touch(keyOf(image));
    return environment;
  };

  const build = async (image: Image, hooks: BuildHooks = {}): Promise<Environment> => {
    await needWorking(dialect, check);
    const there = await find(image);
    if (there !== undefined) {
      hooks.say?.(`=> Using cached image ${shortOf(image)} (${titleOf(image.settled())})`);
      return there;
    }
    return withBuild(
      imagesDir,
      `${name}-${keyOf(image)}`,
      () => records.find(keyOf(image))?.environment,
      async (folder) => {
        const tag = `localhost/ligase:${keyOf(image).replace(image.identity, image.identity.slice(0, 12))}`;
        const locked = lock?.(image.identity);
        const record = await buildImage({ dialect, image, lock: locked, tag, folder, imagesDir, hooks });
        records.put(keyOf(image), record);
        return record.environment;
      },
      {
        signal: hooks.signal,
        onWait: () => hooks.say?.(`=> Waiting for image ${shortOf(image)}, which another process builds`),
      },
    );
  };

  return {
    name,
    check,
    find,
    build,
    enter: (environment: Environment, enclosure: Enclosure) =>
      runCommand(name, dialect, facts, environment, enclosure, thisUser()),
    async list() {
      const { status, stdout } = await callClient(name, ["image", "ls", "--format={{.Repository}}:{{.Tag}}"]);
      // While a daemon does not answer, what was built is still built.
      const there = status === 0 ? new Set(stdout.split("\n")) : undefined;
      return records.list().filter(({ environment }) => there?.has(environment.place) ?? true);
    },
    async remove({ place }) {
      await callClient(name, ["image", "rm", "--force", place]);
      records.removePlace(place);
    },
  };
}

const shortOf = (image: Image): string => image.identity.slice(0, 12);

async function needWorking({ name }: Dialect, check: () => Promise<EngineCheck>): Promise<void> {
  const { works, missing } = await check();
  if (works) return;
  const [first] = missing;
  throw new LigaseError(
    "LIGASE_E_IMAGE_ENGINE",
    `the engine ${name} does not work here: it needs ${first?.what ?? name}`,
    {
      facts: { engine: name, missing },
      mend: `${first === undefined ? "" : `${first.mend}; `}ligase doctor shows what is missing`,
    },
  );
}

/** Nothing where the machine of the containers is another one (macOS, Windows): there files belong to the caller anyway. */
function thisUser(): User | undefined {
  const { getuid, getgid, getgroups } = process;
  if (process.platform !== "linux" || getuid === undefined || getgid === undefined) return undefined;
  return { uid: getuid(), gid: getgid(), groups: getgroups?.() ?? [] };
}
