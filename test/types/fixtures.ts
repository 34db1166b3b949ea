/* oxlint-disable no-unused-vars -- nothing here runs: the compiler is the test */
import { type File, task } from "ligase";

export interface Sample {
  id: string;
  r1: File<"fastq">;
  r2?: File<"fastq">;
  tags: string[];
  meta: { depth: number; kind: "wgs" | "rna" };
}

export interface Bam {
  bam: File<"bam">;
  bai: File<"bai">;
  stats: { mapped: number; q30?: number };
}

export declare const sample: Sample;
export declare const samples: Sample[];
export declare const fasta: File<"fasta">;

// The bodies never run.
const never = (): never => {
  throw new Error("a type test ran");
};

export const trim = task(async (_: Sample): Promise<Sample> => never());
export const align = task({ memory: "16 GiB" }, async (_: Sample, _ref: File<"fasta">): Promise<Bam> => never());
export const depth = task((n: number) => n * 2);
export const flag = task((n: number): boolean => n > 1);
export const names = task((n: number): string[] => Array.from({ length: n }, () => "x"));
export const sheet = task((_: string): Sample[] => never());
export const merge = task((_: Bam[]): File<"bam"> => never());
