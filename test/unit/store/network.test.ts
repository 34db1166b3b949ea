import { expect, it } from "vitest";
import { mountType, networkFileSystem } from "../../../src/store/sqlite/network.ts";

const MOUNTS = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:36 / /home/ada/cluster rw,nosuid shared:20 - fuse.sshfs ada@hpc:/scratch rw
41 22 0:37 / /mnt/with\\040space rw shared:21 - fuse.rclone remote: rw
42 22 0:38 / /mnt/usb rw shared:22 - fuseblk /dev/sdb1 rw
43 42 0:39 / /mnt/usb/deep rw shared:23 master:2 - fuse.gcsfuse bucket rw
44 22 0:40 / /mnt/merged rw - fuse.mergerfs a:b rw
`;

const on = (type: number) => ({ type: () => type, mountinfo: () => MOUNTS });
const FUSE = 0x65735546;

it.each([
  ["ext4", 0xef53, undefined],
  ["tmpfs", 0x01021994, undefined],
  ["btrfs", 0x9123683e, undefined],
  ["xfs", 0x58465342, undefined],
  ["overlayfs", 0x794c7630, undefined],
  ["zfs", 0x2fc12fc1, undefined],
  ["nfs", 0x6969, "NFS"],
  ["cifs", 0xff534d42, "CIFS"],
  ["cifs, where the number has a sign", 0xff534d42 | 0, "CIFS"],
  ["smb3", 0xfe534d42 | 0, "SMB"],
  ["lustre", 0x0bd00bd0, "Lustre"],
  ["gpfs", 0x47504653, "GPFS"],
  ["beegfs", 0x19830326, "BeeGFS"],
  ["9p", 0x01021997, "9p"],
  ["ceph", 0x00c36400, "Ceph"],
])("knows %s", (_, type, expected) => {
  expect(networkFileSystem("/any", on(type))).toBe(expected);
});

it.each([
  ["/home/ada/cluster", "fuse.sshfs"],
  ["/home/ada/cluster/project/.ligase", "fuse.sshfs"],
  ["/home/ada/cluster2", "ext4"],
  ["/mnt/with space/x", "fuse.rclone"],
  ["/mnt/usb/x", "fuseblk"],
  ["/mnt/usb/deep/x", "fuse.gcsfuse"],
])("finds the mount of %s", (path, expected) => {
  expect(mountType(path, MOUNTS)).toBe(expected);
});

it("tells local FUSE file systems from remote ones", () => {
  expect(networkFileSystem("/home/ada/cluster", on(FUSE))).toBe("fuse.sshfs");
  expect(networkFileSystem("/mnt/usb/deep", on(FUSE))).toBe("fuse.gcsfuse");
  expect(networkFileSystem("/mnt/usb", on(FUSE))).toBeUndefined();
  expect(networkFileSystem("/mnt/merged", on(FUSE))).toBeUndefined();
});
