/**
 * What takes space in a project's `.ligase`, and how what no recorded run needs is freed: which runs go is said by who
 * asks, what goes with them is found here.
 *
 * It must not know who asks, and reads and changes the record only through the store. It works beside runs that go on:
 * what one of them needs, or may take from the cache at this moment, stays.
 *
 * @module
 */
export { collect, type CollectHooks, type Collected } from "./collect.ts";
export { type Inventory, takeInventory } from "./inventory.ts";
export { type Freed, type Kind, type Plan, plan, type PlanOptions, type TaskCalls } from "./plan.ts";
export { type KindUsage, type RunUsage, type TaskUsage, usageByKind, usageByRun, usageByTask } from "./usage.ts";
