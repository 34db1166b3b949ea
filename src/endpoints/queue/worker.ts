import type { OpenJob } from "./job.ts";
import type { Bell } from "./bell.ts";

/** A worker, as far as the queue knows it: it has asked for something. */
export class Holder {
  readonly id: string;
  /** What it takes jobs of. */
  endpoint: string | undefined;
  /** What it is a version of; null where nobody has said. */
  deployment: string | null = null;
  /** Resolves once that is known. */
  known: Promise<void> | undefined;
  /** What it has. */
  readonly jobs = new Map<string, OpenJob>();
  /** What it is to end, and has not let go of. */
  readonly ending = new Set<string>();
  /** Those of them that it has not been told. */
  readonly untold = new Set<string>();
  readonly stopped: Bell;
  /** Its heartbeats name jobs: one that they do not name it does not have. */
  names = false;
  /** By the steady clock. */
  heard: number;

  constructor(id: string, stopped: Bell, heard: number) {
    this.id = id;
    this.stopped = stopped;
    this.heard = heard;
  }

  /** It is to end a job. */
  end(job: string): void {
    this.ending.add(job);
    this.untold.add(job);
    this.stopped.ring();
  }

  /** It has let go of a job that it was to end. Tells whether it was one. */
  free(job: string): boolean {
    this.untold.delete(job);
    return this.ending.delete(job);
  }
}
