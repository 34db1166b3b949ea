/**
 * Which engine builds and enters environments: the one that is asked for, or the lightest that works here.
 *
 * It must not know jobs. Engines are loaded when they are asked for: a run without images loads none.
 *
 * @module
 */
import { type Hash, LigaseError } from "../../kernel/index.ts";
import type { ImageLock } from "../lock/types.ts";
import type { EngineCheck, EngineName, ImageEngine } from "../types.ts";
import { Remembered } from "./remembered.ts";

/** What all engines are made with. */
export interface EngineOptions {
  /** Where built environments are kept: absolute. */
  readonly imagesDir: string;
  /** What a definition was when it was locked; nothing when it is not. */
  readonly lock?: (identity: Hash) => ImageLock | undefined;
}

/** In the order in which `auto` takes them. The host has no environments, so it is only taken where it is asked for. */
const AUTO = ["sandbox", "podman", "docker"] as const;

/**
 * Makes an engine, whether it works here or not.
 *
 * @example
 * ```ts
 * const { works, missing } = await (await openEngine("podman", { imagesDir })).check();
 * ```
 */
export async function openEngine(name: EngineName, options: EngineOptions): Promise<ImageEngine> {
  switch (name) {
    case "sandbox":
      return (await import("../sandbox/index.ts")).createSandboxEngine(options);
    case "podman":
      return (await import("../podman/index.ts")).createPodmanEngine(options);
    case "docker":
      return (await import("../docker/index.ts")).createDockerEngine(options);
    case "host":
      return (await import("../host/index.ts")).createHostEngine();
  }
}

/**
 * The engine that the configuration asks for, which works here.
 *
 * @param setting - `auto` takes the first of sandbox, podman and docker that works
 * @throws LigaseError `LIGASE_E_IMAGE_ENGINE` when it does not, or none does: what is missing, and how to get it
 * @example
 * ```ts
 * const engine = await selectEngine("auto", { imagesDir });
 * const environment = await engine.build(Image.debian("12").apt("bwa"));
 * ```
 */
export async function selectEngine(setting: "auto" | EngineName, options: EngineOptions): Promise<ImageEngine> {
  const remembered = new Remembered(options.imagesDir);
  const isFirst = setting === "auto" || setting === "sandbox";
  if (isFirst && remembered.works) return openEngine("sandbox", options);
  const names = setting === "auto" ? AUTO : [setting];
  const checks: [EngineName, EngineCheck][] = [];
  for (const name of names) {
    const engine = await openEngine(name, options);
    const check = await engine.check();
    if (check.works) {
      if (name === "sandbox") remembered.put();
      return engine;
    }
    checks.push([name, check]);
  }
  throw noEngine(setting, checks);
}

function noEngine(setting: "auto" | EngineName, checks: readonly (readonly [EngineName, EngineCheck])[]): LigaseError {
  const facts = { engine: setting, checks: Object.fromEntries(checks) };
  const [first] = checks[0]?.[1].missing ?? [];
  if (setting !== "auto") {
    const lacks = first === undefined ? "" : `: it needs ${first.what}`;
    return new LigaseError("LIGASE_E_IMAGE_ENGINE", `the container engine ${setting} does not work here${lacks}`, {
      facts,
      mend: `${first === undefined ? "" : `${first.mend}; `}ligase doctor shows more`,
    });
  }
  const lacks = checks.map(([name, { missing }]) => `  ${name}: needs ${missing.map(({ what }) => what).join("; ")}`);
  return new LigaseError("LIGASE_E_IMAGE_ENGINE", ["no container engine works here", ...lacks].join("\n"), {
    facts,
    mend: `${first === undefined ? "" : `${first.mend}; or container: "host" for the tools of PATH; `}ligase doctor shows more`,
  });
}
