import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Enclosure, Environment } from "../../images/types.ts";

/** Beside `.command.sh`: by which the same environment can be entered again. */
export const ENCLOSURE_FILE = ".command.enclosure";

/** An attempt's environment, and what it could see and use in it. */
export interface KeptEnclosure {
  readonly environment: Environment;
  /** Without its secrets. */
  readonly enclosure: Enclosure;
  /** The names of the secrets that it had. */
  readonly secrets: readonly string[];
}

/** Writes down how an attempt enters its environment: all but the values of its secrets. */
export function keepEnclosure(
  workDir: string,
  environment: Environment,
  { env, ...enclosure }: Enclosure,
  secrets: readonly string[],
): void {
  const open = Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.includes(name)));
  const kept: KeptEnclosure = { environment, enclosure: { ...enclosure, env: open }, secrets };
  writeFileSync(join(workDir, ENCLOSURE_FILE), JSON.stringify(kept), { mode: 0o600 });
}

/**
 * How the attempt that had a work directory entered its environment; nothing for one that ran on the machine as it is.
 *
 * @example
 * ```ts
 * const kept = readEnclosure(workDir);
 * if (kept) {
 *   const more = { name: `${kept.enclosure.name}-shell`, command: ["bash"], interactive: true };
 *   const entry = engine.enter(kept.environment, { ...kept.enclosure, ...more });
 * }
 * ```
 */
export function readEnclosure(workDir: string): KeptEnclosure | undefined {
  try {
    return JSON.parse(readFileSync(join(workDir, ENCLOSURE_FILE), "utf8")) as KeptEnclosure;
  } catch {
    return undefined;
  }
}
