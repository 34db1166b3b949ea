import { readFileSync, statfsSync } from "node:fs";
import { platform } from "node:process";
import { LigaseError } from "../../kernel/index.ts";

/**
 * File systems shared between hosts, by the number that statfs(2) gives on Linux
 * (linux/magic.h, and the headers of those outside the kernel).
 */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0x01021997, "9p"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x20030528, "OrangeFS"],
  [0xaad7aaea, "PanFS"],
]);

const FUSE = 0x65735546;

/** FUSE carries local file systems as well as remote ones; the mount table says which. */
const LOCAL_FUSE =
  /^fuse(blk)?(\.(fuse-overlayfs|mergerfs|ntfs-3g|exfat|ext4|squashfuse|bindfs|encfs|gocryptfs|lxcfs))?$/;

/** The type of the mount that a path lies on, from a table as in /proc/self/mountinfo. */
export function mountType(path: string, mountinfo: string): string {
  let longest = "";
  let type = "";
  for (const line of mountinfo.split("\n")) {
    const [left, right] = line.split(" - ");
    const point = left
      ?.split(" ")[4]
      ?.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    if (point === undefined || right === undefined || point.length < longest.length) continue;
    if (point === "/" || path === point || path.startsWith(`${point}/`)) {
      longest = point;
      type = right.split(" ")[0] ?? "";
    }
  }
  return type;
}

/** What this machine says of a folder; tests say something else. */
export interface FileSystemFacts {
  /** The number of the file system's type. */
  type(path: string): number;
  /** The mount table. */
  mountinfo(): string;
}

const thisMachine: FileSystemFacts = {
  type: (path) => (platform === "linux" ? statfsSync(path).type : 0),
  mountinfo: () => readFileSync("/proc/self/mountinfo", "utf8"),
};

/** The name of the network file system that a folder lies on; nothing for a local disk. */
export function networkFileSystem(folder: string, facts: FileSystemFacts = thisMachine): string | undefined {
  const type = facts.type(folder) >>> 0;
  if (type !== FUSE) return NETWORK.get(type);
  const mount = mountType(folder, facts.mountinfo());
  return LOCAL_FUSE.test(mount) ? undefined : mount;
}

/**
 * Refuses a folder on a network file system. SQLite's write-ahead log is shared memory between
 * its readers, which hosts do not share, and many such file systems lock files in name only: the
 * store would be damaged sooner or later (https://sqlite.org/wal.html, "all processes must be on
 * the same host computer").
 *
 * @throws LigaseError `LIGASE_E_STORE_NETWORK`
 */
export function refuseNetwork(folder: string, facts?: FileSystemFacts): void {
  const name = networkFileSystem(folder, facts);
  if (name === undefined) return;
  throw new LigaseError(
    "LIGASE_E_STORE_NETWORK",
    `${folder} is on a network file system (${name}), where the store cannot be safe`,
    {
      mend: "keep the store on a local disk and only the work directory on the shared one",
      facts: { path: folder, fileSystem: name },
    },
  );
}
