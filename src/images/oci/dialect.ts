import type { EngineCheck, EngineName } from "../types.ts";

/** What is known of a client and what it speaks to, once it was asked. */
export interface ClientFacts {
  /** Does it run without root's rights, so that root inside is the caller outside? */
  readonly rootless: boolean;
  /** Are the users inside others than outside by its configuration (docker's `userns-remap`)? */
  readonly remapped: boolean;
  /** The limits that it can keep here. */
  readonly limits: { readonly cpu: boolean; readonly memory: boolean; readonly processes: boolean };
  /** Can it keep swap from a job? */
  readonly swapLimit: boolean;
  /** Flags that put a small first process before the command, which hands signals on and reaps; none where there is none. */
  readonly init: readonly string[];
  /** Can it hand the caller's further groups on by one word (`--group-add keep-groups`)? */
  readonly keepsGroups: boolean;
  /** Does it know NVIDIA's devices by name (CDI, or docker's runtime)? */
  readonly gpus: boolean;
}

/** The user who runs this process; none where files inside belong to the caller by themselves (macOS, Windows). */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** Where podman and docker differ. */
export interface Dialect {
  readonly name: EngineName & ("podman" | "docker");
  /** Finds out whether it works here, and what it is. */
  probe(): Promise<{ readonly check: EngineCheck; readonly facts: ClientFacts }>;
  /** What is taken to be so until it was asked. */
  readonly presumed: ClientFacts;
  /** Flags of `run` by which files that are made inside belong to the caller. */
  userFlags(facts: ClientFacts, user: User | undefined): readonly string[];
  /** Flags of `run` for some GPUs. */
  gpuFlags(facts: ClientFacts, gpus: readonly number[]): readonly string[];
  /** Flags of `run` that only it has. */
  readonly runFlags: readonly string[];
  /** Takes a name from an image; what stands on it keeps it. */
  untag(name: string): readonly string[];
  /** Flags of `build` that only it has. */
  readonly buildFlags: readonly string[];
}

/** What `image inspect` says of an image, as far as it matters here. */
export interface Inspected {
  /** `sha256:…`. */
  readonly id: string;
  /** `sha256:…` of what a registry lists it under: of the list of all architectures, where there is one. */
  readonly listed: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly size: number;
  /** `sha256:…` of each layer's content. */
  readonly layers: readonly string[];
}
