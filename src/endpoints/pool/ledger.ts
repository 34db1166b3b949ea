import type { Gpu } from "../../executors/types.ts";
import { isOfKind, selectGpus } from "../../images/gpu/kinds.ts";
import { formatBytes } from "../../kernel/index.ts";
import type { WorkerResources } from "../types.ts";

/** What a worker needs of this machine. Zero stands for no statement. */
export type Demand = Pick<WorkerResources, "cpu" | "memory" | "gpu" | "gpuKind">;

/** What a worker holds of this machine. */
export interface Grant {
  readonly cpu: number;
  readonly memory: number;
  /** By index. */
  readonly gpus: readonly number[];
}

/** What workers may have of this machine in all. */
export interface MachineCapacity {
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

/** The processors, memory and GPUs of this machine, and who holds them. */
export class Ledger {
  readonly #total: MachineCapacity;
  #cpu: number;
  #memory: number;
  #devices: readonly Gpu[] = [];
  readonly #free = new Set<number>();

  constructor(total: MachineCapacity) {
    this.#total = total;
    this.#cpu = total.cpu;
    this.#memory = total.memory;
  }

  /** Its GPUs are known. */
  setGpus(devices: readonly Gpu[]): void {
    this.#devices = devices;
    for (const { index } of devices) this.#free.add(index);
  }

  /** What a worker needs, if it is free. */
  take({ cpu, memory, gpu, gpuKind }: Demand): Grant | undefined {
    if (cpu > this.#cpu || memory > this.#memory) return undefined;
    const gpus = gpu === 0 ? [] : selectGpus(this.#devices, { count: gpu, kind: gpuKind ?? "" }, this.#free);
    if (gpus === undefined) return undefined;
    this.#cpu -= cpu;
    this.#memory -= memory;
    for (const each of gpus) this.#free.delete(each);
    return { cpu, memory, gpus };
  }

  give({ cpu, memory, gpus }: Grant): void {
    this.#cpu += cpu;
    this.#memory += memory;
    for (const each of gpus) this.#free.add(each);
  }

  /** Would it fit, had some given back what they hold? */
  fits({ cpu, memory, gpu, gpuKind }: Demand, without: readonly Grant[]): boolean {
    const sum = (of: (grant: Grant) => number): number => without.reduce((all, grant) => all + of(grant), 0);
    if (cpu > this.#cpu + sum((grant) => grant.cpu)) return false;
    if (memory > this.#memory + sum((grant) => grant.memory)) return false;
    if (gpu === 0) return true;
    const free = new Set([...this.#free, ...without.flatMap((grant) => grant.gpus)]);
    return selectGpus(this.#devices, { count: gpu, kind: gpuKind ?? "" }, free) !== undefined;
  }

  /** Does it hold anything that a demand lacks now? */
  helps(grant: Grant, { cpu, memory, gpu, gpuKind }: Demand): boolean {
    if (cpu > this.#cpu && grant.cpu > 0) return true;
    if (memory > this.#memory && grant.memory > 0) return true;
    return (
      gpu > 0 && this.#devices.some(({ index, name }) => grant.gpus.includes(index) && isOfKind(name, gpuKind ?? ""))
    );
  }

  /** Why a demand can never be met: `needs 2 GPUs, machine has 0`; null when it can. */
  never({ cpu, memory, gpu, gpuKind }: Demand): string | null {
    if (cpu > this.#total.cpu) return `needs ${count(cpu, "CPU")}, machine has ${this.#total.cpu}`;
    if (memory > this.#total.memory) {
      return `needs ${formatBytes(memory)} of memory, machine has ${formatBytes(this.#total.memory)}`;
    }
    if (gpu > this.#devices.length) return `needs ${gpusOf(gpu, gpuKind)}, machine has ${this.#devices.length}`;
    const fitting = this.#devices.filter(({ name }) => isOfKind(name, gpuKind ?? ""));
    if (gpu <= fitting.length) return null;
    const names = [...new Set(this.#devices.map(({ name }) => name))].join(", ");
    return `needs ${gpusOf(gpu, gpuKind)}, machine has ${fitting.length} among ${names}`;
  }

  /** Why a demand cannot be met now: `needs 4 CPUs, 1 of 8 is free`. */
  lacks({ cpu, memory, gpu, gpuKind }: Demand): string {
    const free = (n: number | string, of: number | string, one: boolean): string =>
      `${n} of ${of} ${one ? "is" : "are"} free`;
    if (cpu > this.#cpu) {
      return `needs ${count(cpu, "CPU")}, ${free(this.#cpu, this.#total.cpu, this.#cpu === 1)}`;
    }
    if (memory > this.#memory) {
      return `needs ${formatBytes(memory)} of memory, ${free(formatBytes(this.#memory), formatBytes(this.#total.memory), false)}`;
    }
    const fitting = this.#devices.filter(({ name }) => isOfKind(name, gpuKind ?? ""));
    const left = fitting.filter(({ index }) => this.#free.has(index)).length;
    return `needs ${gpusOf(gpu, gpuKind)}, ${free(left, fitting.length, left === 1)}`;
  }
}

function gpusOf(gpu: number, kind: string | null): string {
  return count(gpu, kind === null || kind === "" ? "GPU" : `${kind} GPU`);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
