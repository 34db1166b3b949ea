import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../kernel/index.ts";

/** The file's name: a module, or JSON. */
export const CONFIG_FILES = ["ligase.config.ts", "ligase.config.json"] as const;

/** Imports a TypeScript file. */
export type LoadModule = (file: string) => Promise<Readonly<Record<string, unknown>>>;

/** What a config file says, unchecked. */
export interface ConfigFile {
  readonly name: (typeof CONFIG_FILES)[number];
  /** Absolute. */
  readonly path: string;
  readonly content: object;
}

/**
 * Reads the config file of a project, if it has one.
 *
 * @param load - only called when there is a module to import
 * @throws LigaseError `LIGASE_E_CONFIG` when there are two, or when the one there is cannot be read
 */
export async function readConfigFile(root: string, load: LoadModule): Promise<ConfigFile | undefined> {
  const [name, other] = CONFIG_FILES.filter((each) => existsSync(join(root, each)));
  if (name === undefined) return undefined;
  const path = join(root, name);
  const refuse = (message: string, mend: string): never => {
    throw new LigaseError("LIGASE_E_CONFIG", message, { facts: { file: path }, mend });
  };
  if (other !== undefined) return refuse(`there are a ${name} and a ${other}`, "keep one of them");
  if (name === "ligase.config.ts") {
    const content = (await load(path))["default"];
    return isObject(content)
      ? { name, path, content }
      : refuse(`${name} has no default export`, "write: export default defineConfig({ … })");
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    return refuse(
      `${name}: ${error instanceof Error ? error.message : String(error)}`,
      "correct it, or write TypeScript: ligase.config.ts",
    );
  }
  if (!isObject(content)) return refuse(`${name} holds no object`, 'write: { "memory": "32 GiB" }');
  const { $schema: _, ...rest } = content;
  return { name, path, content: rest };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
