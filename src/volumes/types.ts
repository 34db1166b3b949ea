/**
 * What a volume can do, wherever it is kept: here as a folder of this machine. Paths in a volume are relative, with `/`
 * between their parts; the empty one is the volume itself. See {@link pathInVolume}.
 *
 * @module
 */
import type { Readable } from "node:stream";

/** A volume that an attempt sees. */
export interface VolumeMount {
  readonly name: string;
  /** Its folder on this machine: absolute; it exists. */
  readonly from: string;
  /** Where the attempt sees it: absolute (in an image only), or relative to the work directory (`./seq`). */
  readonly at: string;
  readonly writable: boolean;
}

/** Something in a volume. */
export interface VolumeEntry {
  readonly path: string;
  /** `link`: in a listing, where links are not followed. `other`: a pipe, a socket, a device. */
  readonly kind: "file" | "dir" | "link" | "other";
  /** Bytes; of a folder 0. */
  readonly size: number;
  /** When its content changed: milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly executable: boolean;
  /** Where a link says that it leads. */
  readonly target?: string;
}

/** What is known of a volume as a whole. */
export interface VolumeInfo {
  readonly name: string;
  readonly files: number;
  /** Of all files. */
  readonly bytes: number;
  /** When the newest file in it changed; of an empty volume, when it was made. Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Who wants to hear what while bytes are moved. */
export interface TransferHooks {
  /** Hears how many more bytes were moved. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * What lies in one volume. Files appear whole or not at all, also where several write at once and where one of them is
 * killed; what replaces a file does so in one step.
 *
 * All methods throw `LIGASE_E_VOLUME_PATH` for what leads out of the volume, and what the file system raises by name
 * (`LIGASE_E_NO_FILE`, `LIGASE_E_PERMISSION`, `LIGASE_E_DISK_FULL`).
 */
export interface VolumeStorage {
  readonly name: string;
  /**
   * What lies at a path. Nothing where there is nothing.
   *
   * @param follow - what a link in last place leads to, not the link. Default: yes.
   */
  stat(path: string, follow?: boolean): Promise<VolumeEntry | undefined>;
  /** What lies directly in a folder, sorted by name; links are not followed. */
  list(folder: string): Promise<readonly VolumeEntry[]>;
  /** The content of a file. */
  read(path: string): Promise<Readable>;
  /** Writes a file from a stream; folders are made. */
  write(path: string, content: AsyncIterable<Uint8Array>, hooks?: TransferHooks): Promise<void>;
  /** Takes a file of this machine in; folders are made. */
  put(local: string, path: string, hooks?: TransferHooks): Promise<void>;
  /** Writes a file of the volume to a place on this machine; folders are made. */
  get(path: string, local: string, hooks?: TransferHooks): Promise<void>;
  /** Copies a file into this or another volume; folders are made. */
  copy(path: string, to: VolumeStorage, toPath: string, hooks?: TransferHooks): Promise<void>;
  /** Moves a file or folder within the volume; folders are made. A file that was there is replaced. */
  move(path: string, toPath: string): Promise<void>;
  /** Makes a folder, and those above it. */
  makeFolder(path: string): Promise<void>;
  /** Removes a file, a link, or a folder with all that is in it. Links are not followed. */
  remove(path: string): Promise<void>;
}
