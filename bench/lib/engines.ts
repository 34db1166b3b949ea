import { join } from "node:path";
import { Image } from "../../src/images/index.ts";
import { openEngine } from "../../src/images/select/index.ts";
import type { Enclosure, Entry } from "../../src/images/types.ts";
import { setVariables, startDocker, startPodman } from "../../test/support/engines.ts";
import { isThere } from "./environment.ts";

/** An engine that runs for a while, and how a process enters an environment of it. */
export interface EngineForBench {
  readonly name: "podman" | "docker";
  readonly entry: Entry;
  close(): Promise<void>;
}

/**
 * Those of podman and docker whose programs are here, each with a Debian and with images of its own.
 *
 * @param dir - short, and on a disk: they keep their images in it
 * @param enclosure - what is to be started
 */
export async function engines(dir: string, enclosure: Enclosure): Promise<readonly EngineForBench[]> {
  const found: EngineForBench[] = [];
  for (const [name, daemon] of [
    ["podman", "podman"],
    ["docker", "dockerd"],
  ] as const) {
    if (!isThere(daemon)) continue;
    const started = name === "podman" ? startPodman(join(dir, name)) : await startDocker(join(dir, name));
    const restore = setVariables(started.env);
    const engine = await openEngine(name, { imagesDir: join(dir, "images") });
    const environment = await engine.build(Image.debian("12"));
    found.push({
      name,
      entry: engine.enter(environment, enclosure),
      async close() {
        await started.stop();
        restore();
      },
    });
  }
  return found;
}
