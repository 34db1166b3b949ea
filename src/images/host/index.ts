/**
 * The engine `host`: no environment at all, but the tools of this machine, from PATH. Nothing is built and nothing is kept
 * apart, so what it gives never stands for an image's.
 *
 * It must not know jobs.
 *
 * @module
 */
import type { Enclosure, Entry, Environment, ImageEngine } from "../types.ts";

/**
 * The engine `host`.
 *
 * @example
 * ```ts
 * const engine = createHostEngine();
 * engine.enter(await engine.build(tools), enclosure).command; // the command as it is
 * ```
 */
export function createHostEngine(): ImageEngine {
  const environmentOf = ({ identity }: Pick<Environment, "identity">): Environment => ({
    engine: "host",
    identity,
    digest: "",
    place: "/",
    env: {},
    packages: {},
  });
  return {
    name: "host",
    check: async () => ({ works: true, found: {}, missing: [] }),
    find: async (image) => environmentOf(image),
    build: async (image) => environmentOf(image),
    enter,
    list: async () => [],
    async remove() {},
  };
}

/** The caller's own environment, and over it the job's. */
function enter(_: Environment, { command, env }: Enclosure): Entry {
  const own = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { command, env: { ...Object.fromEntries(own), ...env }, direct: true, remote: null };
}
