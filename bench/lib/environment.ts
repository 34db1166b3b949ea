import { findProgram } from "../../src/images/build/index.ts";
import type { Environment } from "../../src/images/types.ts";

/** Is a program on the path? */
export function isThere(program: string): boolean {
  return findProgram(program) !== undefined;
}

/** The root file system of this machine as an environment: entered like any other, and nothing has to be built. */
export function rootEnvironment(): Environment {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  return { engine: "sandbox", identity: "this machine", digest: "", place: "/", env, packages: {} };
}

/** A command in bubblewrap with the namespaces of the sandbox, and as few mounts as can be. */
export function bareBubblewrap(work: string, command: readonly string[]): string[] {
  const mounts = "--ro-bind / / --proc /proc --dev /dev --tmpfs /tmp".split(" ");
  return ["bwrap", "--unshare-all", "--die-with-parent", ...mounts, "--bind", work, "/mnt", ...command];
}
