import { hash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashText, LigaseError, newId, type Hash } from "../../kernel/index.ts";
import type { Diagnostic } from "../types.ts";
import type { Built } from "./build.ts";

/** Raised when bundles are made in another way, so that older ones are not taken. */
const FORMAT = "11";

/** What is kept beside a bundle: enough to see, without parsing anything, that it is still right. */
export interface Manifest {
  readonly format: string;
  readonly id: Hash;
  /** SHA-256 of the bundle's text: a half-written bundle is not believed. */
  readonly bundle: string;
  /** All paths are relative to the project. */
  readonly entry: string;
  readonly modules: readonly { readonly path: string; readonly hash: Hash }[];
  readonly assets: readonly { readonly path: string; readonly hash: Hash }[];
  /** Importer, specifier and where it led. */
  readonly resolutions: readonly (readonly [importer: string, specifier: string, target: string])[];
  /** The same of Python files; the target is empty for what is not of the project. */
  readonly python: readonly (readonly [importer: string, what: string, target: string])[];
  /** Of the tsconfigs that esbuild applied. */
  readonly settings: Hash;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What identifies a program: everything its bundle is made from. */
export type Ingredients = Pick<Manifest, "entry" | "modules" | "assets" | "resolutions" | "python" | "settings">;

/** The identity of a program, the same on every machine. `variant` tells bundles of one program apart. */
export function programId(ingredients: Ingredients, variant: string): Hash {
  const { entry, modules, assets, resolutions, python, settings } = ingredients;
  const sorted = [
    modules.map(({ path, hash: content }) => `${path} ${content}`).sort(),
    assets.map(({ path, hash: content }) => `${path} ${content}`).sort(),
    resolutions.map((one) => one.join(" ")).sort(),
    python.map((one) => one.join(" ")).sort(),
  ];
  return hashText(JSON.stringify([FORMAT, variant, entry, settings, ...sorted]));
}

/** What is kept beside a bundle, once it is made. */
export function manifestOf(manifest: Omit<Manifest, "format" | "bundle">, built: Built): Manifest {
  return { ...manifest, format: FORMAT, bundle: hash("sha256", built.code, "hex") };
}

/** The bundles of a project on disk, by the identity of their program. */
export class BundleCache {
  #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where a bundle lies or will lie. */
  file(id: Hash): string {
    return join(this.#folder, `${id}.mjs`);
  }

  /**
   * Before a bundle is kept: where the folder may only be read, as in somebody else's project, its place is taken by one
   * among the temporary files that goes with this process.
   */
  prepare(): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      accessSync(this.#folder, constants.W_OK);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // What else is wrong is told when the bundle is kept.
      if (code !== "EACCES" && code !== "EROFS" && code !== "EPERM") return;
      const folder = mkdtempSync(join(tmpdir(), "ligase-code-"));
      process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
      this.#folder = folder;
    }
  }

  /** The manifest of a bundle that is there and whole. */
  find(id: Hash): Manifest | undefined {
    const manifest = this.#read(`${id}.json`);
    if (!isManifest(manifest) || manifest.format !== FORMAT || manifest.id !== id) return undefined;
    try {
      if (!existsSync(`${this.file(id)}.map`)) return undefined;
      return hash("sha256", readFileSync(this.file(id)), "hex") === manifest.bundle ? manifest : undefined;
    } catch {
      return undefined;
    }
  }

  /** The bundle that an entry had last. */
  latest(entry: string, variant: string): Manifest | undefined {
    const id = this.#read(this.#pointer(entry, variant));
    return typeof id === "string" && /^[0-9a-f]{40}$/.test(id) ? this.find(id) : undefined;
  }

  /** Keeps a bundle: every file appears at once or not at all, the manifest last. */
  keep(manifest: Omit<Manifest, "format" | "bundle">, built: Built): Manifest {
    const whole = manifestOf(manifest, built);
    this.#write(`${manifest.id}.mjs.map`, built.map);
    this.#write(`${manifest.id}.mjs`, built.code);
    this.#write(`${manifest.id}.json`, JSON.stringify(whole));
    return whole;
  }

  /** Remembers the bundle of an entry. */
  point(entry: string, variant: string, id: Hash): void {
    this.#write(this.#pointer(entry, variant), JSON.stringify(id));
  }

  #pointer(entry: string, variant: string): string {
    return `entry-${hashText(`${variant} ${entry}`).slice(0, 16)}.json`;
  }

  #read(name: string): unknown {
    try {
      return JSON.parse(readFileSync(join(this.#folder, name), "utf8"));
    } catch {
      return undefined; // not there, or half of it: as if it were not there
    }
  }

  #write(name: string, content: string): void {
    const temporary = join(this.#folder, `.${name}.${newId()}`);
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(temporary, content, { flush: true });
      renameSync(temporary, join(this.#folder, name));
    } catch (cause) {
      if (existsSync(temporary)) rmSync(temporary, { force: true });
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new LigaseError("LIGASE_E_CODE_CACHE", `the program's bundle cannot be written: ${why}`, {
        facts: { folder: this.#folder },
        mend: "make the folder writable, or free some space on its disk",
        cause,
      });
    }
  }
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === "object" && value !== null && "modules" in value && "resolutions" in value && "id" in value;
}
