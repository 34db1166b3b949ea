import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JOB_USER, resolveInside } from "../build/index.ts";
import { gpuAccess, type GpuDevice } from "../gpu/index.ts";
import type { Enclosure, Entry, Environment, Mount } from "../types.ts";
import type { RootView } from "./root.ts";

/** What a machine brings to entering. */
export interface EnterContext {
  /** Absolute path of bubblewrap. */
  readonly bwrap: string;
  /** Where lists of arguments too long for a command line are put. */
  readonly scratch: string;
  readonly gpus: readonly GpuDevice[];
  readonly view: (root: string) => RootView;
}

/** Bytes of arguments beyond which they go through a file: the kernel takes 2 MiB, of which variables need some. */
const LONGEST = 256 * 1024;

/**
 * Gives bubblewrap its arguments through a file, which is removed as soon as it is open. A fixed text: what it is given are
 * arguments, never read as shell.
 */
const THROUGH_FILE = 'exec 9<"$1" && rm -f -- "$1" && shift && exec "$@"';

/**
 * The command by which a process enters an environment: user, process, IPC, host name and, unless it may reach it, network
 * of its own; the root and what is mounted read-only cannot be written to; `/tmp`, `/dev` and `/proc` are fresh.
 *
 * Whoever calls is user 1000 inside, root too: what a job writes belongs to the caller outside, and tools that behave
 * otherwise for root (tar, which gives files away) behave alike for everybody.
 *
 * No `--new-session`: it would take the processes inside out of the caller's process group, and signals to that are how a
 * job is ended. Whoever starts an entry that is not interactive starts it in a session without a terminal.
 */
export function enterCommand(context: EnterContext, environment: Environment, enclosure: Enclosure): Entry {
  const { bwrap, view } = context;
  const root = environment.place;
  const mounts = placed(root, enclosure.mounts);
  const gpu = enclosure.gpus.length === 0 ? null : gpuAccess(context.gpus, enclosure.gpus);
  const points = [...mounts.map(({ at }) => at), ...(gpu?.files ?? []).map(({ at }) => at)];
  const variables = variablesOf(environment, enclosure, gpu);
  const isMounted = (at: string): boolean => mounts.some((mount) => mount.at === at);
  const options = [
    "--unshare-user",
    "--uid",
    String(JOB_USER.uid),
    "--gid",
    String(JOB_USER.gid),
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    ...(enclosure.network ? [] : ["--unshare-net"]),
    "--die-with-parent",
    "--hostname",
    hostName(enclosure.name),
    ...view(root).args(points),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    // How many processors there are, and how they lie: what numeric libraries look for.
    "--ro-bind-try",
    "/sys",
    "/sys",
    ...(isMounted("/tmp") ? [] : ["--perms", "1777", "--tmpfs", "/tmp"]),
    ...(isMounted("/var/tmp") ? [] : ["--perms", "1777", "--tmpfs", "/var/tmp"]),
    ...(enclosure.network ? ["/etc/resolv.conf", "/etc/hosts"].flatMap((file) => ["--ro-bind-try", file, file]) : []),
    ...mounts.flatMap(({ from, at, writable }) => [writable ? "--bind" : "--ro-bind", from, at]),
    ...(gpu?.devices ?? []).flatMap((device) => ["--dev-bind", device, device]),
    ...(gpu?.files ?? []).flatMap(({ from, at }) => ["--ro-bind", from, at]),
    "--remount-ro",
    "/",
    "--chdir",
    resolveInside(root, enclosure.cwd),
    ...variables.args,
  ];
  const length = options.reduce((sum, option) => sum + Buffer.byteLength(option) + 1, 0);
  const command =
    length <= LONGEST
      ? [bwrap, ...options, "--", ...enclosure.command]
      : [
          "/bin/sh",
          "-c",
          THROUGH_FILE,
          "sh",
          writeOptions(context.scratch, options),
          bwrap,
          "--args",
          "9",
          "--",
          ...enclosure.command,
        ];
  return { command, env: variables.env, direct: true, remote: null };
}

/**
 * Variables reach the process through bubblewrap's own environment, not its arguments, which everybody on the machine can
 * read: secrets are among them. Those that the dynamic linker would heed in bubblewrap itself are the exception.
 */
function variablesOf(
  environment: Environment,
  enclosure: Enclosure,
  gpu: { readonly paths: Readonly<Record<string, string>>; readonly env: Readonly<Record<string, string>> } | null,
): { readonly env: Readonly<Record<string, string>>; readonly args: readonly string[] } {
  const all: Record<string, string> = {
    HOME: JOB_USER.home,
    USER: JOB_USER.name,
    LOGNAME: JOB_USER.name,
    LANG: "C.UTF-8",
    ...environment.env,
    ...enclosure.env,
    ...gpu?.env,
  };
  for (const [name, path] of Object.entries(gpu?.paths ?? {})) {
    all[name] = all[name] === undefined || all[name] === "" ? path : `${path}:${all[name]}`;
  }
  const entries = Object.entries(all);
  const isLinkers = (name: string): boolean => name.startsWith("LD_") || name === "GLIBC_TUNABLES";
  return {
    env: Object.fromEntries(entries.filter(([name]) => !isLinkers(name))),
    args: entries.filter(([name]) => isLinkers(name)).flatMap(([name, value]) => ["--setenv", name, value]),
  };
}

/** Mounts as they are to be made: parents before children, links inside followed, the last of two at one place. */
function placed(root: string, mounts: readonly Mount[]): readonly Mount[] {
  const byPlace = new Map(mounts.map((mount) => [resolveInside(root, mount.at), mount]));
  return [...byPlace]
    .map(([at, { from, writable }]) => ({ from, at, writable }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** What a host may be called: a job's name has other characters. */
function hostName(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 60) || "job"
  );
}

function writeOptions(scratch: string, options: readonly string[]): string {
  mkdirSync(scratch, { recursive: true });
  const path = join(scratch, `args.${randomBytes(8).toString("hex")}`);
  writeFileSync(path, `${options.join("\0")}\0`, { mode: 0o600 });
  return path;
}
