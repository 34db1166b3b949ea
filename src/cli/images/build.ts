import type { Settings } from "../../config/index.ts";
import { locksOf } from "../../images/lock/index.ts";
import type { Image } from "../../images/image.ts";
import type { BuildHooks, Environment, ImageEngine } from "../../images/types.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** How an environment is asked for. */
export interface BuildWish {
  /** From what archives and registries have today. */
  readonly fresh: boolean;
  /** Shows what programs print. */
  readonly verbose: boolean;
}

/** Says on stderr how a build goes. */
export function hooksFor(terminal: Terminal, { verbose }: Pick<BuildWish, "verbose">): BuildHooks {
  return {
    say: (line) => terminal.note(line),
    log: { debug() {}, info() {}, warn: (message) => terminal.note(terminal.style("warn", message)) },
    ...(verbose && { output: (line) => terminal.note(terminal.style("dim", `   ${line}`)) }),
  };
}

/** The engine of a project, which knows its locks. */
export async function engineOf(root: string, settings: Settings): Promise<ImageEngine> {
  const { selectEngine } = await import("../../images/select/index.ts");
  const { containerEngine, imagesDir } = settings;
  return selectEngine(containerEngine, { imagesDir, lock: locksOf(root) });
}

/** Builds an environment. What is built anew takes the place of what was there. */
export async function buildImage(
  engine: ImageEngine,
  settings: Settings,
  image: Image,
  wish: BuildWish,
  terminal: Terminal,
): Promise<Environment> {
  const hooks = hooksFor(terminal, wish);
  if (wish.fresh && engine.name === "sandbox") {
    const { buildRootfs } = await import("../../images/build/index.ts");
    await buildRootfs({ imagesDir: settings.imagesDir, fresh: new Date().toISOString() }, image, hooks);
    const found = await engine.find(image);
    if (found !== undefined) return found;
  }
  return engine.build(image, hooks);
}
