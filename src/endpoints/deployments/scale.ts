import { LigaseError } from "../../kernel/index.ts";
import type { EndpointOverrides } from "../types.ts";

/**
 * Refuses numbers of workers that cannot be.
 *
 * @throws LigaseError `LIGASE_E_REQUEST`
 */
export function checkOverrides({ minWorkers, maxWorkers }: EndpointOverrides): void {
  const check = (field: string, value: number | undefined, least: number): void => {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= 1000)) return;
    throw new LigaseError(
      "LIGASE_E_REQUEST",
      `${field} should be a whole number from ${least} to 1000; it is ${value}`,
      {
        facts: { field },
      },
    );
  };
  check("minWorkers", minWorkers, 0);
  check("maxWorkers", maxWorkers, 1);
}
