import { gpuAccess } from "../gpu/index.ts";
import { mountFlag } from "./mount-flag.ts";

/** Flags of `run` that hand some GPUs on by their device nodes and the driver's files, where no toolkit does it. */
export function gpuAccessFlags(gpus: readonly number[]): readonly string[] {
  const { devices, files, env, paths } = gpuAccess([], gpus);
  return [
    ...devices.map((device) => `--device=${device}`),
    ...files.flatMap((file) => ["--mount", mountFlag({ ...file, writable: false })]),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    `--env=LD_LIBRARY_PATH=${paths.LD_LIBRARY_PATH}`,
  ];
}
