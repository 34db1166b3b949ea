import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Hash } from "../kernel/index.ts";
import type { Lazy, Resolved } from "./types.ts";

/** What an option that depends on the attempt is given. */
export interface AttemptContext {
  /** The attempt about to start, counted from 1. */
  readonly attempt: number;
}

/** An option's value, or how to find it for an attempt: `({ attempt }) => attempt * 4e9`. */
export type PerAttempt<T> = T | ((context: AttemptContext) => T);

/** How a failed job is tried again. */
export interface RetryOptions {
  /** How many times it is tried again after the first failure. */
  readonly times: number;
  /** The first wait: seconds, or text such as "10s". Default 1 s. */
  readonly delay?: number | string;
  /** How much longer each wait is than the one before. Default 2. */
  readonly factor?: number;
  /** The longest wait. Default 5 min. */
  readonly maxDelay?: number | string;
}

/** A software environment, as far as expressions need to know it: its definition has an identity. */
export interface ImageReference {
  /** Hash of its definition. */
  readonly identity: Hash;
}

/** A volume mounted by a task, as far as expressions need to know it. */
export interface VolumeReference {
  /** Its name. */
  readonly volume: string;
  /** May the task only read it? */
  readonly readOnly: boolean;
}

/**
 * The options of a task. Only `name`, `version` and `image` have a part in its identity: changing
 * any other runs nothing again.
 */
export interface TaskOptions {
  /** The task's name, where the variable's will not do. Unique within a project. */
  readonly name?: string;
  /** Stands for the code: while it is the same, edits run nothing again. */
  readonly version?: string;
  /** `false`: the body runs in every run, and its result is recorded but never taken from the cache. */
  readonly cache?: boolean;
  /** `"shallow"`: a recorded result is trusted with its whole subtree, as long as no task in it changed and its files are intact. Default `"full"`. */
  readonly check?: "full" | "shallow";
  /** Processors. With this, `memory`, `gpu`, `disk` or `image` the body runs in a process of its own. */
  readonly cpu?: PerAttempt<number>;
  /** Memory: bytes, or text such as "4 GiB". */
  readonly memory?: PerAttempt<number | string>;
  /** GPUs: how many, or which kind (`"A100"`), or both (`"A100:2"`). */
  readonly gpu?: PerAttempt<number | string>;
  /** Scratch space: bytes, or text such as "100 GB". */
  readonly disk?: PerAttempt<number | string>;
  /** The most processes and threads a job may have at once. Default 4,096 in an image. */
  readonly processes?: number;
  /** The software environment. */
  readonly image?: ImageReference;
  /** May a job in an image reach the network? Default `false`. */
  readonly network?: boolean;
  /**
   * Volumes by where they are mounted: a path below the work directory (`"./seq"`), or in an image an absolute one. With one
   * that it may write to, a task is not cached unless it says `cache: true`.
   */
  readonly volumes?: Readonly<Record<string, VolumeReference>>;
  /** The secrets it gets as environment variables, by name. Their values have no part in its identity. */
  readonly secrets?: readonly string[];
  /** The executor, by its name in the config. */
  readonly executor?: string;
  /** How long an attempt may take: seconds, or text such as "2h". */
  readonly timeout?: PerAttempt<number | string>;
  /** How many times a failed job is tried again. Default 0. */
  readonly retries?: number | RetryOptions;
  /** What it takes of limits named in the config: `["ncbi"]`, or `{ ncbi: 2 }`. */
  readonly limits?: readonly string[] | Readonly<Record<string, number>>;
  /** Jobs of a higher priority start first. Default 0. */
  readonly priority?: number;
  /** Words to find its jobs by. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Environment variables of its process. Part of the identity of a script. */
  readonly env?: Readonly<Record<string, string>>;
  /** Validates the arguments at run time (one schema for one object argument, or one for each) and describes them in place of the source types. */
  readonly input?: StandardSchemaV1 | readonly StandardSchemaV1[];
}

/**
 * What stands in place of a task's body in a run of stubs: a function of the same parameters, whose result is one that
 * the body could have given. It may return values, lazy values or a script, or be `async`.
 *
 * @typeParam A - the parameters of the body
 * @typeParam R - what the body returns
 */
export type Stub<A extends readonly unknown[], R> = (
  ...args: A
) => Lazy<Resolved<Awaited<R>>> | Promise<Lazy<Resolved<Awaited<R>>>>;

/** The options of a task where it is made: to those of its calls comes what only the definition can say. */
export interface DefinitionOptions<A extends readonly unknown[], R> extends TaskOptions {
  /**
   * Runs in place of the body with `ligase run --stub`, so that the wiring of a workflow is checked in seconds. It needs
   * no executor, resources or image, and is no part of the task's identity: changing it runs nothing again but stubs.
   *
   * @example
   * ```ts
   * const align = task(
   *   { image: tools, cpu: 8, stub: () => script({ outputs: { bam: "sorted.bam" } })`touch sorted.bam` },
   *   (sample: Sample, reference: Reference) =>
   *     script({ outputs: { bam: "sorted.bam" } })`bwa mem ${reference.fasta} ${sample.reads} | samtools sort -o sorted.bam`,
   * );
   * ```
   */
  readonly stub?: NoInfer<Stub<A, R>>;
}
