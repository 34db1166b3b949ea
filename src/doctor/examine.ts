import { lookAtBuilding } from "./building.ts";
import { lookAtEngines, type Picked, pickOf } from "./engines.ts";
import { lookAtLimits } from "./limits.ts";
import { lookAtPrograms } from "./programs.ts";
import { lookAtResources, lookAtStore } from "./resources.ts";
import type { Finding, Known, Machine, Wanted } from "./types.ts";

/** What a machine has for a project. */
export interface Examined {
  /** Is everything there that the configuration asks for? */
  readonly ok: boolean;
  readonly picked: Picked;
  readonly findings: readonly Finding[];
}

/**
 * Looks at what a machine has.
 *
 * @example
 * ```ts
 * const { ok, findings } = await examine(thisMachine(), await knownHere(wanted), wanted);
 * ```
 */
export async function examine(machine: Machine, known: Known, wanted: Wanted): Promise<Examined> {
  const [building, programs] = await Promise.all([lookAtBuilding(machine, wanted), lookAtPrograms(machine)]);
  const findings = [
    lookAtStore(known, wanted),
    ...lookAtEngines(machine, known, wanted),
    ...building,
    ...lookAtLimits(machine, known),
    ...lookAtResources(machine, known, wanted),
    ...programs,
  ];
  return {
    ok: findings.every(({ needed, state }) => !needed || state === "found"),
    picked: pickOf(known, wanted),
    findings,
  };
}
