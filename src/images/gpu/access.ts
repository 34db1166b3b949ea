import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../build/index.ts";
import type { GpuDevice } from "./devices.ts";

/** What a process must see to use some GPUs, where no container toolkit does it. */
export interface GpuAccess {
  /** Device nodes. */
  readonly devices: readonly string[];
  /** The driver's libraries and programs, which must be of the version of the kernel's module: from this machine. */
  readonly files: readonly { readonly from: string; readonly at: string }[];
  /** Variables by which they are found: put before what the environment says itself, with a `:`. */
  readonly paths: Readonly<Record<"LD_LIBRARY_PATH" | "PATH", string>>;
  /** Further variables. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where the driver's files stand inside. */
export const GPU_FOLDER = "/run/ligase-gpu";

/** Every process that uses one opens these. */
const CONTROL = ["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"];

/** What `nvidia-container-cli list --compute --utility` names. */
const LIBRARIES =
  /^(libcuda|libcudadebugger|libnvidia-(ml|cfg|opencl|gpucomp|ptxjitcompiler|fatbinaryloader|allocator|compiler|pkcs11|pkcs11-openssl3|nvvm))\.so\.1$/;
const PROGRAMS = ["nvidia-smi", "nvidia-debugdump", "nvidia-cuda-mps-control", "nvidia-cuda-mps-server"];

/** Where drivers are that the dynamic linker does not know: WSL, Google's machines, NixOS. */
const FURTHER = ["/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/run/opengl-driver/lib"];

/** What is looked at; all of it can be another in tests. */
export interface GpuAccessSources {
  readonly root?: string;
  /** Where a program of the driver is. */
  readonly find?: (program: string) => string | undefined;
  /** What `ldconfig -p` prints. */
  readonly linker?: () => string;
}

/**
 * Finds out what some GPUs need, as `nvidia-container-cli` would. Written after its documentation, and tested against a
 * stub only.
 *
 * @param devices - those of this machine
 * @param indices - those that are wanted
 */
export function gpuAccess(
  devices: readonly Pick<GpuDevice, "index" | "minor">[],
  indices: readonly number[],
  { root = "/", find = findProgram, linker = askLinker }: GpuAccessSources = {},
): GpuAccess {
  const minors = indices.map((index) => devices.find((device) => device.index === index)?.minor ?? index);
  const nodes = [...minors.map((minor) => `nvidia${minor}`), ...CONTROL].map((name) => `/dev/${name}`);
  const libraries = librariesOf(linker(), root);
  const programs = PROGRAMS.flatMap((name) => {
    const from = find(name);
    return from === undefined ? [] : [{ from: realpathSync(from), at: `${GPU_FOLDER}/bin/${name}` }];
  });
  return {
    devices: nodes.filter((node) => existsSync(join(root, node))),
    files: [...libraries, ...programs],
    paths: { LD_LIBRARY_PATH: `${GPU_FOLDER}/lib`, PATH: `${GPU_FOLDER}/bin` },
    // Its devices are the only ones it sees, counted from 0.
    env: { NVIDIA_VISIBLE_DEVICES: indices.join(",") },
  };
}

function librariesOf(linker: string, root: string): { from: string; at: string }[] {
  const found = new Map<string, string>();
  for (const line of linker.split("\n")) {
    const [, name = "", kind = "", file = ""] = /^\s*(\S+) \(([^)]*)\) => (\S+)$/.exec(line) ?? [];
    // Those of 64 bits; a machine may have both.
    const fits = LIBRARIES.test(name) && /x86-64|AArch64/i.test(kind) && !/x32/.test(kind);
    if (fits && !found.has(name)) found.set(name, file);
  }
  for (const folder of FURTHER) {
    for (const name of namesIn(join(root, folder))) {
      if (LIBRARIES.test(name) && !found.has(name)) found.set(name, join(folder, name));
    }
  }
  return [...found].flatMap(([name, file]) => {
    try {
      return [{ from: realpathSync(join(root, file)), at: `${GPU_FOLDER}/lib/${name}` }];
    } catch {
      return [];
    }
  });
}

function askLinker(): string {
  try {
    const program = findProgram("ldconfig") ?? "/sbin/ldconfig";
    return execFileSync(program, ["-p"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 10_000 });
  } catch {
    return "";
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
