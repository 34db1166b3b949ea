import { formatBytes } from "../kernel/index.ts";
import type { Finding, Known, Machine, Wanted } from "./types.ts";

const group = "Machine";
/** An image of a few tools takes a gigabyte or two. */
const LITTLE_DISK = 5e9;

/** Processors, memory, disks and GPUs. */
export function lookAtResources(machine: Machine, known: Known, wanted: Wanted): readonly Finding[] {
  const { cpus, memory } = machine;
  return [
    plain("CPUs", String(cpus)),
    plain("memory", `${formatBytes(memory.free)} free of ${formatBytes(memory.total)}`),
    lookAtDisk(machine, "disk for results", wanted.storeDir),
    lookAtDisk(machine, "disk for images", wanted.imagesDir),
    lookAtGpus(machine, known, wanted),
  ];
}

function plain(name: string, says: string): Finding {
  return { group, name, state: "found", says, mend: null, needed: false };
}

function lookAtDisk(machine: Machine, name: string, folder: string): Finding {
  const disk = machine.disk(folder);
  if (disk === undefined)
    return { group, name, state: "absent", says: `${folder} cannot be looked at`, mend: null, needed: false };
  const says = `${formatBytes(disk.free)} free of ${formatBytes(disk.total)} (${folder})`;
  if (disk.free >= LITTLE_DISK) return plain(name, says);
  return {
    group,
    name,
    state: "wrong",
    says: `only ${says}`,
    mend: "ligase du; ligase gc; ligase image gc",
    needed: false,
  };
}

/** Known before a run fails for it. */
export function lookAtStore({ networkFileSystem }: Known, { storeDir }: Wanted): Finding {
  const base = { group: "Project", name: "store", needed: true } as const;
  const network = networkFileSystem(storeDir);
  if (network === undefined)
    return { ...base, state: "found", says: `${storeDir}, on a disk of this machine`, mend: null };
  const says = `${storeDir} is on a network file system (${network}), where it cannot be safe`;
  return { ...base, state: "wrong", says, mend: 'store: "/a/local/disk" in ligase.config.ts' };
}

function lookAtGpus(machine: Machine, { gpus }: Known, { gpus: asked }: Wanted): Finding {
  const needed = asked > 0;
  const enough = gpus.length >= asked;
  const names = gpus.map(
    ({ index, name, memory }) => `${index}: ${name}${memory > 0 ? ` (${formatBytes(memory)})` : ""}`,
  );
  if (gpus.length > 0 && enough)
    return { group, name: "GPUs", state: "found", says: names.join(", "), mend: null, needed };
  const has = gpus.length === 0 ? "no NVIDIA GPU" : `only ${names.join(", ")}`;
  const says = needed ? `${has}, and the configuration says gpus: ${asked}` : has;
  // The driver's program is there, its devices are not: after an update, until the machine starts anew.
  const mend = gpus.length === 0 && machine.program("nvidia-smi") !== undefined ? "see what nvidia-smi says" : null;
  return { group, name: "GPUs", state: needed ? "wrong" : "absent", says, mend, needed };
}
