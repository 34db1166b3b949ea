/**
 * What is deployed: the code that was uploaded, the versions of apps, and what is live of them. Whatever comes from outside
 * is read strictly (`manifest.ts`); what would change is told before it does (`plan.ts`, `problems.ts`); what never serves
 * is taken back.
 *
 * It must not know how workers are started, nor how jobs wait.
 *
 * @module
 */
import type { Deployments } from "../services.ts";
import { type DeploymentsOptions, StoredDeployments } from "./deployments.ts";

/** Opens what is deployed, and tells the queue and the pools of it. */
export async function openDeployments(options: DeploymentsOptions): Promise<Deployments> {
  const deployments = new StoredDeployments(options);
  await deployments.open();
  return deployments;
}
