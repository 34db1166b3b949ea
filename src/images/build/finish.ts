import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { onHost } from "./paths.ts";

/** Emptied: made anew for every job, or left over by package managers; with times in them that no two builds share. */
const EMPTIED = ["/dev", "/proc", "/sys", "/run", "/tmp", "/var/tmp", "/var/lib/apt/lists", "/var/cache/man"];
/** Removed wherever they are. */
const REMOVED = [
  "/root/.cache",
  "/var/cache/apt/pkgcache.bin",
  "/var/cache/apt/srcpkgcache.bin",
  "/var/cache/debconf/config.dat-old",
  "/var/cache/debconf/templates.dat-old",
  "/var/cache/ldconfig/aux-cache",
  "/var/lib/dbus/machine-id",
  "/var/lib/dpkg/available-old",
  "/var/lib/dpkg/diversions-old",
  "/var/lib/dpkg/status-old",
  "/var/lib/dpkg/statoverride-old",
  "/var/lib/systemd/random-seed",
  "/etc/.pwd.lock",
  "/etc/passwd-",
  "/etc/group-",
  "/etc/shadow-",
  "/etc/gshadow-",
  "/etc/subuid-",
  "/etc/subgid-",
];
/** Mounted over, so they must be plain files. */
const PLAIN = ["/etc/resolv.conf", "/etc/hosts", "/etc/hostname"];

/** Who jobs are inside of an environment: whoever runs them outside. */
export const JOB_USER = { name: "ligase", uid: 1000, gid: 1000, home: "/tmp" } as const;

/**
 * What every root file system gets when it is built, so that jobs can run in it and equal builds give equal contents:
 * no leftovers of package managers, the mount points, and a name for the user that jobs are.
 */
export function finish(root: string): void {
  for (const folder of EMPTIED) emptyFolder(onHost(root, folder));
  for (const path of REMOVED)
    rmSync(join(onHost(root, dirname(path)), baseName(path)), { recursive: true, force: true });
  removeLogs(onHost(root, "/var/log"));
  for (const folder of ["/etc", ...EMPTIED.slice(0, 6)]) {
    const path = onHost(root, folder);
    mkdirSync(path, { recursive: true });
    if (folder.endsWith("tmp")) chmodSync(path, 0o1777);
  }
  for (const file of PLAIN) {
    const path = join(onHost(root, "/etc"), baseName(file));
    const isPlain = existsSync(path) && lstatSync(path).isFile();
    if (!isPlain) rmSync(path, { recursive: true, force: true });
    // What a build saw of this machine's network is no part of an environment.
    writeFileSync(path, file === "/etc/hosts" ? "127.0.0.1 localhost\n::1 localhost\n" : "");
  }
  addUser(root);
  const machineId = join(onHost(root, "/etc"), "machine-id");
  if (existsSync(machineId)) writeFileSync(machineId, "");
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function emptyFolder(path: string): void {
  if (!existsSync(path) || !statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true });
}

function removeLogs(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeLogs(path);
    else rmSync(path, { force: true });
  }
}

/** Programs that ask who runs them (Java, Python's `getpass`, a shell's prompt) must find a name. */
function addUser(root: string): void {
  const { name, uid, gid, home } = JOB_USER;
  addLine(onHost(root, "/etc/passwd"), 2, String(uid), `${name}:x:${uid}:${gid}:Ligase job:${home}:/bin/sh`, [
    "root:x:0:0:root:/root:/bin/sh",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
  ]);
  addLine(onHost(root, "/etc/group"), 2, String(gid), `${name}:x:${gid}:`, ["root:x:0:", "nogroup:x:65534:"]);
}

function addLine(path: string, field: number, id: string, line: string, otherwise: readonly string[]): void {
  const has = existsSync(path) && lstatSync(path).isFile();
  const lines = has ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [...otherwise];
  if (!lines.some((other) => other.split(":")[field] === id)) lines.push(line);
  writeFileSync(path, `${lines.join("\n")}\n`);
}
