import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Enclosure, Entry, Environment, ImageEngine } from "../../../src/images/types.ts";

/**
 * An engine of bubblewrap and nothing else, for tests of what goes on inside: its environments are folders of programs,
 * such as this machine's own. What is not mounted is not there.
 */
export function bareSandbox(): ImageEngine {
  const never = (): never => {
    throw new Error("it builds nothing");
  };
  return {
    name: "sandbox",
    check: () => Promise.resolve({ works: true, found: {}, missing: [] }),
    find: () => Promise.resolve(undefined),
    build: never,
    list: () => Promise.resolve([]),
    remove: never,
    enter,
  };
}

/** The programs of a folder as an environment: `/` has those of this machine, an empty folder has none. */
export function bareEnvironment(place: string, env: Readonly<Record<string, string>> = {}): Environment {
  return {
    engine: "sandbox",
    identity: "bare",
    digest: `sha256:${place}`,
    place,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...env },
    packages: {},
  };
}

function enter(environment: Environment, { command, cwd, env, mounts, network }: Enclosure): Entry {
  const args = ["--tmpfs", "/"];
  for (const name of ["bin", "etc", "lib", "lib64", "sbin", "usr"]) {
    const path = join(environment.place, name);
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) args.push("--symlink", readlinkSync(path), `/${name}`);
    else args.push("--ro-bind", path, `/${name}`);
  }
  args.push("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--unshare-all", "--die-with-parent");
  if (network) args.push("--share-net");
  for (const { from, at, writable } of mounts) args.push(writable ? "--bind" : "--ro-bind", from, at);
  const whole = { ...environment.env, ...env };
  // Not as arguments, which all of the machine could read.
  const keep = ["/usr/bin/env", "-i", "-S"];
  void keep;
  return {
    command: ["bwrap", ...args, "--chdir", cwd, "--", ...command],
    env: whole,
    direct: true,
    remote: null,
  };
}
