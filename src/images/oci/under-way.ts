import type { BuildLog } from "../build/program.ts";
import type { Image } from "../image.ts";
import type { ImageLock } from "../lock/types.ts";
import type { BuildHooks, Environment } from "../types.ts";
import type { Dialect } from "./dialect.ts";

/** One build under way. */
export interface Build {
  readonly dialect: Dialect;
  readonly image: Image;
  readonly lock: ImageLock | undefined;
  /** The name that the image gets among those of the engine, at the very end. */
  readonly tag: string;
  /** An empty folder of this build, which is removed afterwards. */
  readonly folder: string;
  readonly imagesDir: string;
  readonly log: BuildLog;
  readonly hooks: BuildHooks;
  /** Runs the client; what it prints goes to the log. */
  client(args: readonly string[]): Promise<string>;
}

/** What a build has made; the image itself has its name by now. */
export type Built = Pick<Environment, "digest" | "env" | "packages" | "resolved" | "workdir">;

/** What is said of an image in its labels, so that people and other programs can tell what it is. */
export function labelsOf(image: Image, digest?: string): Readonly<Record<string, string>> {
  return {
    "io.ligase.identity": image.identity,
    // Not as it is: clients read quotes and dollars in labels, each in its own way.
    "io.ligase.definition": Buffer.from(JSON.stringify(image)).toString("base64url"),
    ...(digest !== undefined && { "io.ligase.digest": digest }),
  };
}
