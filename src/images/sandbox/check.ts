import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { findPrivilege, findProgram, SUBIDS_MEND } from "../build/index.ts";
import type { EngineCheck } from "../types.ts";

const exec = promisify(execFile);

/** What building needs beyond bubblewrap, with what it is for. Without them environments that are there still work. */
const BUILDERS = [
  { name: "mmdebstrap", use: "Image.debian(…)" },
  { name: "skopeo", use: "Image.from(…) and Image.archive(…)" },
  { name: "umoci", use: "Image.from(…) and Image.archive(…)" },
] as const;

/** What is looked at; a test gives its own. */
export interface CheckSources {
  readonly platform: NodeJS.Platform;
  readonly find: (program: string) => string | undefined;
  /** The first line that a program prints. */
  readonly version: (program: string) => Promise<string>;
  /** Enters an empty sandbox; rejects with what bubblewrap said. */
  readonly probe: (bwrap: string) => Promise<void>;
  /** The value of a kernel setting: `kernel/unprivileged_userns_clone`; null where there is none. */
  readonly kernel: (name: string) => string | null;
  readonly privilege: () => Promise<"root" | "mapped" | "single">;
}

const MACHINE: CheckSources = {
  platform: process.platform,
  find: findProgram,
  async version(program) {
    const { stdout } = await exec(program, ["--version"], { timeout: 5000 });
    return stdout.split("\n")[0] ?? "";
  },
  async probe(bwrap) {
    const bind = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"];
    const own = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"];
    await exec(bwrap, [...own, "--uid", "1000", "--gid", "1000", ...bind, "true"], { timeout: 10_000 });
  },
  kernel(name) {
    try {
      return readFileSync(`/proc/sys/${name}`, "utf8").trim();
    } catch {
      return null;
    }
  },
  privilege: async () => (await findPrivilege()).kind,
};

/**
 * Looks whether sandboxes can be made here, and environments for them: enters one, and where that fails finds out what
 * forbids it.
 */
export async function checkSandbox(sources: CheckSources = MACHINE): Promise<EngineCheck> {
  const { platform, find } = sources;
  if (platform !== "linux") {
    const mend = 'run tasks with podman or docker: container: { engine: "docker" }';
    return { works: false, found: {}, missing: [{ what: `Linux (this is ${platform})`, mend }] };
  }
  const names = ["bwrap", ...BUILDERS.map(({ name }) => name)];
  const paths = new Map(names.map((name) => [name, find(name)]));
  const found: Record<string, string> = {};
  for (const [name, path] of paths) if (path !== undefined) found[name] = await versionOf(sources, path);
  const missing: { what: string; mend: string }[] = [];
  const bwrap = paths.get("bwrap");
  let works = false;
  if (bwrap === undefined) missing.push({ what: "bubblewrap", mend: "apt-get install bubblewrap" });
  else {
    const forbidden = await probe(sources, bwrap);
    works = forbidden === undefined;
    if (forbidden !== undefined) missing.push(forbidden);
  }
  for (const { name, use } of BUILDERS) {
    if (paths.get(name) === undefined) missing.push({ what: `${name}, for ${use}`, mend: `apt-get install ${name}` });
  }
  if ((await sources.privilege()) === "single") {
    missing.push({ what: "subordinate user ids, for Image.debian(…)", mend: SUBIDS_MEND });
  }
  return { works, found, missing };
}

async function versionOf(sources: CheckSources, path: string): Promise<string> {
  try {
    return /\d+(?:\.\d+)+/.exec(await sources.version(path))?.[0] ?? "";
  } catch {
    return "";
  }
}

async function probe(sources: CheckSources, bwrap: string): Promise<{ what: string; mend: string } | undefined> {
  try {
    await sources.probe(bwrap);
    return undefined;
  } catch (error) {
    if (sources.kernel("kernel/apparmor_restrict_unprivileged_userns") === "1") {
      return {
        what: "user namespaces, which AppArmor forbids",
        mend: "allow them for bubblewrap: apt-get install apparmor-profiles && ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict; or for all programs: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
      };
    }
    if (sources.kernel("kernel/unprivileged_userns_clone") === "0") {
      return {
        what: "user namespaces, which the kernel forbids to users",
        mend: "sysctl -w kernel.unprivileged_userns_clone=1",
      };
    }
    if (sources.kernel("user/max_user_namespaces") === "0") {
      return {
        what: "user namespaces, of which the kernel allows none",
        mend: "sysctl -w user.max_user_namespaces=10000",
      };
    }
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    return {
      what: `leave to make sandboxes: ${said}`,
      mend: 'in a container, give it more rights (docker run --security-opt seccomp=unconfined …); or container: { engine: "podman" }',
    };
  }
}
