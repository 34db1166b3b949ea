import type { SettledLayer } from "../../images/index.ts";
import type { Hash } from "../../kernel/index.ts";

/** What was installed, by manager and name. */
export type Packages = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What is recorded of an environment. */
export interface EnvironmentFacts {
  /** The definition in short: `debian 12, apt bwa`. Of one that is not recorded the beginning of its identity. */
  readonly title: string;
  /** The hash of the definition. */
  readonly identity: Hash;
  /** What built it; `host` for the tools of the machine; empty where that is not recorded. */
  readonly engine: string;
  /** Of its contents: `sha256:…`. Empty for the tools of a machine, and where it is not recorded. */
  readonly digest: string;
  /** The registry's image that it stands on, with its digest. */
  readonly reference: string | null;
  /** The hash of the lock that it was built by; nothing without one. */
  readonly lock: Hash | null;
  /** The definition; empty where it is not recorded. */
  readonly layers: readonly SettledLayer[];
  readonly packages: Packages;
}

/** A step of a definition, or a package in one, that is not what it was. */
export interface DefinitionChange {
  /** `debian`, `apt`, `pip`, `env`, `run`; `order` where the steps are the same, and stand or are grouped otherwise. */
  readonly step: string;
  /** As the definition says it; nothing where it does not. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A package of which another version is installed, or which is only in one of two environments. */
export interface PackageChange {
  readonly manager: string;
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Does one of the definitions name it? Others came with those. */
  readonly named: boolean;
}

/** What differs between two environments. */
export interface EnvironmentChange {
  readonly before: EnvironmentBrief;
  readonly after: EnvironmentBrief;
  readonly definition: readonly DefinitionChange[];
  /** Of environments that are both recorded; those first that a definition names. */
  readonly packages: readonly PackageChange[];
  /** The lock by which the environment is built. */
  readonly lock: "added" | "removed" | "changed" | undefined;
  /** What a tag meant, then and now. */
  readonly reference: { readonly before: string; readonly after: string } | undefined;
}

/** An environment in short. */
export type EnvironmentBrief = Pick<EnvironmentFacts, "title" | "identity" | "engine" | "digest">;
