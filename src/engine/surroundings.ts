import type { VolumeMount } from "../executors/types.ts";
import type { ImageReference, TaskOptions } from "../expr/options.ts";
import type { Environment } from "../images/types.ts";
import { LigaseError } from "../kernel/index.ts";
import type { ImageRow } from "../store/types.ts";

/** What the engine asks of the floors of images, volumes and secrets: what jobs find around them. */
export interface Surroundings {
  /** What stands for an image in the key of a call; a promise where it must be found out first, as the digest of a tag. */
  imageKey(image: ImageReference): string | Promise<string>;
  /**
   * The environment of an image, built if need be; null where it stands for the machine as it is (the engine `host`).
   *
   * @param signal - nobody wants it any more
   * @throws LigaseError `LIGASE_E_IMAGE…`
   */
  environment(image: ImageReference, signal: AbortSignal): Promise<Surrounding>;
  /**
   * The volumes that a job mounts; those that are not there yet are made.
   *
   * @param inImage - does the job enter an environment? Only there is an absolute path its own
   * @throws LigaseError `LIGASE_E_VOLUME`
   */
  volumes(mounts: NonNullable<TaskOptions["volumes"]>, inImage: boolean): readonly VolumeMount[];
  /**
   * The values of secrets.
   *
   * @param task - the one that names them, for the message
   * @throws LigaseError `LIGASE_E_SECRET` for one that is not set
   */
  secrets(names: readonly string[], task: string): Promise<Readonly<Record<string, string>>>;
  /** An error of a job without the values of its secrets. */
  redact(error: unknown, secrets: Readonly<Record<string, string>>): unknown;
  /**
   * Refuses the result of a job that holds the value of one of its secrets.
   *
   * @param text - the result, as the codec writes it
   * @throws LigaseError `LIGASE_E_SECRET_RESULT`
   */
  refuseSecrets(text: string, secrets: Readonly<Record<string, string>>, task: string): void;
}

/** An environment that a job may enter, and what is recorded of it. */
export interface Surrounding {
  readonly environment: Environment | null;
  readonly row: ImageRow | null;
}

/** Of an engine that was given none: what asks for any of it is refused. */
export const BARE: Surroundings = {
  imageKey: ({ identity }) => identity,
  environment: () =>
    Promise.reject(
      new LigaseError("LIGASE_E_IMAGE", "names an image, and there is no container engine here", {
        mend: 'to run it with the tools of this machine, set container: "host" in ligase.config.ts',
      }),
    ),
  volumes() {
    throw new LigaseError("LIGASE_E_VOLUME", "mounts a volume, and there are none here");
  },
  secrets: (_, task) =>
    Promise.reject(new LigaseError("LIGASE_E_SECRET", `${task} names a secret, and there are none here`)),
  redact: (error) => error,
  refuseSecrets() {},
};
