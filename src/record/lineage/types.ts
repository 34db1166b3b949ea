import type { Hash } from "../../kernel/index.ts";

/** The call that made a file, or used it, with what there is to know of it. */
export interface CallFacts {
  readonly call: Hash;
  /** The job that computed it. Of a script, the one whose body built it, as for all that follows. */
  readonly job: string;
  readonly task: string;
  readonly run: string;
  /** When the run began. */
  readonly startedAt: number;
  /** The place of its definition, and which version of the code it was; nothing for a task of Ligase's own. */
  readonly code: { readonly file: string; readonly line: number; readonly hash: Hash } | undefined;
  /** Of the project, when it ran; `dirty` where files differed from it. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | undefined;
  /** Arguments that hold no files, as people write them. */
  readonly arguments: readonly { readonly name: string; readonly value: string }[];
}

/** A file or folder of the record. */
export interface FileFacts {
  readonly name: string;
  /** Where it was seen: absolute. */
  readonly path: string;
  /** SHA-256 of its content. */
  readonly hash: string;
  readonly size: number | undefined;
  readonly isDir: boolean;
}

/** A file with where it came from. */
export interface FileOrigin extends FileFacts {
  /** The argument that it was; nothing for the file that was asked for. */
  readonly argument: string | undefined;
  /** Nothing for a source: a file that no recorded call made. */
  readonly madeBy: CallOrigin | undefined;
}

/** A call with where its arguments came from. */
export interface CallOrigin extends CallFacts {
  /** Files it was given, and calls whose results, without files in them, went into its arguments. */
  readonly inputs: readonly (FileOrigin | ValueOrigin)[];
  /** Is it told elsewhere in the tree what its inputs were? */
  readonly repeated: boolean;
  /** So many inputs were left out, because the tree is very large. */
  readonly leftOut: number;
}

/** A value without files that another call gave. */
export interface ValueOrigin {
  readonly argument: string;
  readonly of: CallOrigin;
}

/** A file with what was made of it. */
export interface FileUse extends FileFacts {
  /** Was the call given this very content, and handed it on or copied it? It is not followed. */
  readonly copied: boolean;
  readonly usedBy: readonly CallUse[];
}

/** A call that used a file or a value, with what it gave. */
export interface CallUse extends CallFacts {
  /** The parameter it went into. */
  readonly argument: string;
  /** The files in its result. */
  readonly files: readonly FileUse[];
  /** A result without files, as people read it. */
  readonly value: string | undefined;
  /** The calls that a result without files went into. */
  readonly next: readonly CallUse[];
  readonly repeated: boolean;
}
