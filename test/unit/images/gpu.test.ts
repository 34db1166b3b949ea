import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findGpus, gpuAccess, isOfKind, parseGpuList, selectGpus } from "../../../src/images/gpu/index.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "ligase-gpu-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe("isOfKind", () => {
  it.each([
    ["NVIDIA A100-SXM4-80GB", "A100", true],
    ["NVIDIA A100-SXM4-80GB", "a100-80gb", true],
    ["NVIDIA A100-SXM4-80GB", "A100-40GB", false],
    ["NVIDIA A100-SXM4-80GB", "A10", false],
    ["NVIDIA A10G", "A10", false],
    ["NVIDIA L40S", "L4", false],
    ["NVIDIA GeForce RTX 4090", "RTX4090", true],
    ["NVIDIA GeForce RTX 4090", "rtx 4090", true],
    ["Tesla T4", "T4", true],
    ["Tesla T4", "", true],
    ["Tesla T4", "-", false],
  ])("%s of %s: %s", (name, kind, is) => {
    expect(isOfKind(name, kind)).toBe(is);
  });
});

describe("selectGpus", () => {
  const devices = parseGpuList("0:NVIDIA A100-SXM4-80GB,1:NVIDIA A100-SXM4-40GB,2:Tesla T4,3:NVIDIA A100-SXM4-40GB");

  it("takes those of a kind that are free, the smallest first", () => {
    expect(selectGpus(devices, { kind: "A100", count: 1 }, [0, 1, 2, 3])).toEqual([1]);
    expect(selectGpus(devices, { kind: "A100", count: 2 }, [0, 1, 2, 3])).toEqual([1, 3]);
    expect(selectGpus(devices, { kind: "A100", count: 2 }, [0, 3])).toEqual([0, 3]);
    expect(selectGpus(devices, { kind: "A100-80GB", count: 1 }, [0, 1])).toEqual([0]);
    expect(selectGpus(devices, { kind: "", count: 0 }, [])).toEqual([]);
  });

  it("gives nothing while too few are free", () => {
    expect(selectGpus(devices, { kind: "A100", count: 2 }, [0, 2])).toBeUndefined();
    expect(selectGpus(devices, { kind: "H100", count: 1 }, [0, 1, 2, 3])).toBeUndefined();
  });
});

describe("findGpus", () => {
  const none = async (): Promise<string> => {
    throw new Error("nvidia-smi is not there");
  };

  it("finds none on a machine without devices, and asks nobody", async () => {
    let asked = 0;
    expect(await findGpus({ env: {}, root, query: async () => String(asked++) })).toEqual([]);
    expect(asked).toBe(0);
  });

  it("reads what nvidia-smi says, and the number of each node from the driver", async () => {
    put("dev/nvidia0");
    put("dev/nvidia1");
    put("proc/driver/nvidia/gpus/0000:17:00.0/information", "Model: \t NVIDIA A100\nDevice Minor: \t 1\n");
    put("proc/driver/nvidia/gpus/0000:CA:00.0/information", "Model: \t NVIDIA A100\nDevice Minor: \t 0\n");
    const said =
      "0, GPU-aa, NVIDIA A100-SXM4-80GB, 81920, 00000000:17:00.0\n1, GPU-bb, NVIDIA A100-SXM4-80GB, [N/A], 00000000:CA:00.0\n";
    const query = async (): Promise<string> => said;
    const [first, second] = await findGpus({ env: {}, root, query });
    expect(first).toEqual({ index: 0, uuid: "GPU-aa", name: "NVIDIA A100-SXM4-80GB", memory: 80 * 2 ** 30, minor: 1 });
    expect(second).toMatchObject({ index: 1, memory: 0, minor: 0 });
    const seen = async (CUDA_VISIBLE_DEVICES: string) =>
      (await findGpus({ env: { CUDA_VISIBLE_DEVICES }, root, query })).map(({ index }) => index);
    expect(await seen("1")).toEqual([1]);
    expect(await seen("GPU-aa")).toEqual([0]);
    expect(await seen("")).toEqual([]);
    expect(await seen("-1")).toEqual([]);
    expect(await seen("0,7,1")).toEqual([0]);
  });

  it("reads what the driver says where nvidia-smi does not answer, or nonsense", async () => {
    put("dev/nvidia0");
    put("dev/nvidiactl");
    put(
      "proc/driver/nvidia/gpus/0000:17:00.0/information",
      "Model: \t\t Tesla T4\nGPU UUID: \t GPU-cc\nDevice Minor: \t 0\n",
    );
    const found = [{ index: 0, uuid: "GPU-cc", name: "Tesla T4", memory: 0, minor: 0 }];
    expect(await findGpus({ env: {}, root, query: none })).toEqual(found);
    expect(await findGpus({ env: {}, root, query: async () => "NVIDIA-SMI has failed" })).toEqual(found);
  });

  it("takes a list in their stead, and refuses one that cannot be read", async () => {
    const list = "0:NVIDIA A100-SXM4-80GB, 3:Tesla T4";
    expect(await findGpus({ env: { LIGASE_GPU_LIST: list }, root })).toEqual([
      { index: 0, name: "NVIDIA A100-SXM4-80GB", memory: 80 * 2 ** 30, minor: 0, uuid: "" },
      { index: 3, name: "Tesla T4", memory: 0, minor: 3, uuid: "" },
    ]);
    expect(await findGpus({ env: { LIGASE_GPU_LIST: "" }, root })).toEqual([]);
    await expect(findGpus({ env: { LIGASE_GPU_LIST: "A100" }, root })).rejects.toMatchObject({
      code: "LIGASE_E_CONFIG",
    });
  });
});

describe("gpuAccess", () => {
  it("names the nodes of the GPUs, and of the driver's files those of 64 bits", () => {
    for (const name of ["nvidia0", "nvidia1", "nvidia2", "nvidiactl", "nvidia-uvm"]) put(`dev/${name}`);
    put("usr/lib/libcuda.so.535.1");
    symlinkSync("libcuda.so.535.1", join(root, "usr/lib/libcuda.so.1"));
    put("usr/lib/libnvidia-ml.so.1");
    put("usr/lib32/libcuda.so.1");
    put("usr/bin/nvidia-smi");
    const linker = (): string => `3 libs found
\tlibcuda.so.1 (libc6) => /usr/lib32/libcuda.so.1
\tlibcuda.so.1 (libc6,x86-64) => /usr/lib/libcuda.so.1
\tlibnvidia-ml.so.1 (libc6,x86-64) => /usr/lib/libnvidia-ml.so.1
\tlibnvidia-nvvm.so.1 (libc6,x86-64) => /usr/lib/gone.so.1
\tlibc.so.6 (libc6,x86-64) => /usr/lib/libc.so.6
`;
    const find = (name: string) => (name === "nvidia-smi" ? join(root, "usr/bin/nvidia-smi") : undefined);
    const devices = parseGpuList("0:A,1:B,2:C").map((device) => ({ ...device, minor: 2 - device.index }));
    expect(gpuAccess(devices, [0, 1], { root, find, linker })).toEqual({
      devices: ["/dev/nvidia2", "/dev/nvidia1", "/dev/nvidiactl", "/dev/nvidia-uvm"],
      files: [
        { from: join(root, "usr/lib/libcuda.so.535.1"), at: "/run/ligase-gpu/lib/libcuda.so.1" },
        { from: join(root, "usr/lib/libnvidia-ml.so.1"), at: "/run/ligase-gpu/lib/libnvidia-ml.so.1" },
        { from: join(root, "usr/bin/nvidia-smi"), at: "/run/ligase-gpu/bin/nvidia-smi" },
      ],
      paths: { LD_LIBRARY_PATH: "/run/ligase-gpu/lib", PATH: "/run/ligase-gpu/bin" },
      env: { NVIDIA_VISIBLE_DEVICES: "0,1" },
    });
  });
});
