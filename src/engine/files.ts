import type { Activities } from "../files/index.ts";

/** What the engine asks of the floor of files. */
export interface FileService {
  /** Hears of what bodies publish. */
  readonly activities?: Activities;
  /** Finds the content hashes of files and folders whose identity is not known yet. */
  fingerprint(atoms: readonly object[]): Promise<void>;
  /** Are these files still where they were, with the content they had? */
  intact(atoms: readonly object[]): Promise<boolean>;
  /**
   * The files and folders among a value's atoms, as the store looks them up by content.
   */
  listed(atoms: readonly object[]): readonly { hash: string; name: string; path: string }[] | undefined;
  /** Moves the files of a result out of the work directory, in one atomic step, and gives the result that points to them. Boxed, because a promise would unwrap a lazy result. */
  commit(value: unknown, workDir: string, outputDir: string): Promise<{ readonly value: unknown }>;
  /** Waits until the disk has room for another job, or until the signal says that nobody wants it any more. */
  room(signal: AbortSignal): Promise<void>;
  /** Removes a work directory. */
  discard(workDir: string): Promise<void>;
}
