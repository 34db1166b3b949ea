import { cgroupSupport } from "../executors/process/cgroup/index.ts";
import { findGpus } from "../images/gpu/index.ts";
import { openEngine } from "../images/select/index.ts";
import { networkFileSystem } from "../store/sqlite/network.ts";
import { dirname } from "node:path";
import { existsSync } from "node:fs";
import type { Known, Wanted } from "./types.ts";

/** Asks those who will use it: engines, the launcher's control groups, the driver. */
export async function knownHere({ imagesDir }: Pick<Wanted, "imagesDir">): Promise<Known> {
  const checkOf = async (name: "sandbox" | "podman" | "docker") => (await openEngine(name, { imagesDir })).check();
  const [sandbox, podman, docker, gpus] = await Promise.all([
    checkOf("sandbox"),
    checkOf("podman"),
    checkOf("docker"),
    findGpus(),
  ]);
  return {
    engines: { sandbox, podman, docker },
    cgroups: cgroupSupport(),
    gpus,
    networkFileSystem(folder) {
      let there = folder;
      while (!existsSync(there) && there !== dirname(there)) there = dirname(there);
      return networkFileSystem(there);
    },
  };
}
