/**
 * What pieces of code in the documentation speak of without declaring it: samples, files, a few tasks.
 *
 * @module
 */
import type { Dir, Expr, File, ImageReference, Task } from "ligase";

export interface Sample {
  readonly id: string;
  readonly reads: File;
}

export interface Reference {
  readonly fasta: File;
}

interface Lane {
  readonly sample: string;
  readonly lanesOfSample: number;
}

interface Stats {
  readonly mapped: number;
  readonly total: number;
}

export declare const sample: Sample;
export declare const tumor: Sample;
export declare const normal: Sample;
export declare const tumors: Sample[];
export declare const normals: Sample[];
export declare const reference: Reference;
export declare const samples: Sample[];
export declare const sheet: File;
export declare const reads: File;
export declare const sam: File;
export declare const bam: File;
export declare const fasta: File;
export declare const bams: File[];
export declare const counts: number[];
export declare const lanes: Lane[];
export declare const stats: Expr<Stats>;
export declare const mapped: Expr<number>;
export declare const flags: string;
export declare const tools: ImageReference;
export declare const sequence: string;
export declare const db: string;
export declare const table: File;
export declare const folder: Dir;

export declare const align: Task<[Sample, Reference], { bam: File; mapped: number }> &
  Task<[Sample], { bam: File; mapped: number }>;
export declare const trim: Task<[File], File>;
export declare const add: Task<[number, number], number>;
export declare const merge: Task<[File, File], File> & Task<[string, Lane[]], File>;
export declare const flagstat: Task<[File], Stats>;
export declare const coverage: Task<[File], number>;
export declare const countReads: Task<[File], number>;
export declare const report: Task<[Sample, string], number>;
export declare const call: Task<[File], File>;
export declare const callSomatic: Task<[Sample, Sample], File>;
export declare const coverageByChromosome: Task<[File], Record<"chr17" | "chr18", number>>;
export declare const splitByReadGroup: Task<[Sample], File[]>;
export declare const summariseFailures: Task<[readonly ({ bam: File; mapped: number } | Error)[]], string>;
export declare const load: Task<[string, File], void>;
export declare const query: Task<[string], number>;
export declare const fold: Task<[string], File>;
export declare const gc: Task<[string], number>;
export declare const readSheet: Task<[Sample[]], Sample[]>;
export declare function expect(value: number): { toBeCloseTo(value: number): void };
