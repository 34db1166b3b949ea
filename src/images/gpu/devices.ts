import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { LigaseError } from "../../kernel/index.ts";

/** An NVIDIA GPU of this machine. */
export interface GpuDevice {
  /** As `nvidia-smi` counts. */
  readonly index: number;
  readonly name: string;
  /** Bytes; 0 where it is not known. */
  readonly memory: number;
  /** The number of its node: `/dev/nvidia<minor>`. */
  readonly minor: number;
  /** `GPU-…`; empty where it is not known. */
  readonly uuid: string;
}

/** Where GPUs are looked for. */
export interface GpuSources {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In place of `/`, for tests. */
  readonly root?: string;
  /** What `nvidia-smi` answers, for tests. */
  readonly query?: (args: readonly string[]) => Promise<string>;
}

/** A list that stands in for what is there: `0:NVIDIA A100-SXM4-80GB,1:Tesla T4`. */
export const GPU_LIST_VARIABLE = "LIGASE_GPU_LIST";

const FIELDS = "index,uuid,name,memory.total,pci.bus_id";
/** A driver that hangs must not hang us. */
const PATIENCE_MS = 10_000;
const run = promisify(execFile);

/**
 * The NVIDIA GPUs that this process may use: what `nvidia-smi` says, else what the driver says in `/proc`, without those
 * that `CUDA_VISIBLE_DEVICES` hides (so that a job of Slurm keeps to its own). On a machine without any nothing is
 * started.
 *
 * @throws LigaseError `LIGASE_E_CONFIG` for a `LIGASE_GPU_LIST` that cannot be read
 */
export async function findGpus(sources: GpuSources = {}): Promise<readonly GpuDevice[]> {
  const { env = process.env, root = "/" } = sources;
  const list = env[GPU_LIST_VARIABLE];
  if (list !== undefined) return parseGpuList(list);
  const minors = nodesOf(root);
  if (minors.length === 0) return [];
  const query = sources.query ?? (async (args) => (await run("nvidia-smi", args, { timeout: PATIENCE_MS })).stdout);
  let devices: readonly GpuDevice[];
  try {
    devices = parseQuery(await query([`--query-gpu=${FIELDS}`, "--format=csv,noheader,nounits"]), root);
  } catch {
    devices = fromDriver(root, minors);
  }
  return visible(devices, env["CUDA_VISIBLE_DEVICES"]);
}

/**
 * Reads a list that stands in for GPUs: `0:NVIDIA A100-SXM4-80GB,1:Tesla T4`.
 *
 * @throws LigaseError `LIGASE_E_CONFIG`
 */
export function parseGpuList(list: string): readonly GpuDevice[] {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return entries.map((entry) => {
    const [, index = "", name = ""] = /^(\d+):(.+)$/.exec(entry) ?? [];
    if (name.trim() === "") {
      throw new LigaseError("LIGASE_E_CONFIG", `${GPU_LIST_VARIABLE}: ${entry} is not an index and a name`, {
        facts: { setting: GPU_LIST_VARIABLE },
        mend: `write ${GPU_LIST_VARIABLE}="0:NVIDIA A100-SXM4-80GB,1:Tesla T4"`,
      });
    }
    const [, gigabytes = "0"] = /(\d+)\s?GB\b/i.exec(name) ?? [];
    return {
      index: Number(index),
      name: name.trim(),
      memory: Number(gigabytes) * 2 ** 30,
      minor: Number(index),
      uuid: "",
    };
  });
}

/** The minors of `/dev/nvidia0`, `/dev/nvidia1`, … */
function nodesOf(root: string): number[] {
  return list(join(root, "dev"))
    .flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Reads the answer of `nvidia-smi --query-gpu=index,uuid,name,memory.total,pci.bus_id --format=csv,noheader,nounits`. */
function parseQuery(text: string, root: string): GpuDevice[] {
  const minors = minorsByBus(root);
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [index = "", uuid = "", name = "", mebibytes = "", bus = ""] = line.split(",").map((cell) => cell.trim());
      if (!/^\d+$/.test(index)) throw new TypeError(line);
      const minor = minors.get(busOf(bus)) ?? Number(index);
      return { index: Number(index), name, memory: (Number(mebibytes) || 0) * 2 ** 20, minor, uuid };
    });
}

/** What the driver says of each device without `nvidia-smi`. */
function fromDriver(root: string, minors: readonly number[]): GpuDevice[] {
  const known = informations(root);
  return minors.map((minor, index) => {
    const information = known.find((each) => each.minor === minor);
    return { index, name: information?.model ?? "NVIDIA GPU", memory: 0, minor, uuid: information?.uuid ?? "" };
  });
}

function minorsByBus(root: string): ReadonlyMap<string, number> {
  return new Map(informations(root).map(({ bus, minor }) => [bus, minor]));
}

/** `/proc/driver/nvidia/gpus/<bus>/information` */
function informations(root: string): { bus: string; minor: number; model: string; uuid: string }[] {
  const folder = join(root, "proc/driver/nvidia/gpus");
  return list(folder).flatMap((bus) => {
    try {
      const text = readFileSync(join(folder, bus, "information"), "utf8");
      const field = (name: string): string => new RegExp(`^${name}:\\s*(.+)$`, "m").exec(text)?.[1]?.trim() ?? "";
      return [
        { bus: busOf(bus), minor: Number(field("Device Minor")), model: field("Model"), uuid: field("GPU UUID") },
      ];
    } catch {
      return [];
    }
  });
}

/** `nvidia-smi` writes a domain of eight digits, the kernel one of four. */
const busOf = (bus: string): string => bus.toLowerCase().slice(-12);

function visible(devices: readonly GpuDevice[], setting: string | undefined): readonly GpuDevice[] {
  if (setting === undefined) return devices;
  const words = setting.split(",").map((word) => word.trim());
  // As CUDA reads it: what follows the first word that names no device does not count.
  const end = words.findIndex((word) => !devices.some((device) => isNamed(device, word)));
  const named = end === -1 ? words : words.slice(0, end);
  return devices.filter((device) => named.some((word) => isNamed(device, word)));
}

function isNamed({ index, uuid }: GpuDevice, word: string): boolean {
  return word === String(index) || (word.startsWith("GPU-") && uuid.startsWith(word));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
