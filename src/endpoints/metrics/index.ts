/**
 * What passes through endpoints, in numbers: how much of late, and how long it took. The memory that it takes does not grow
 * with what passes.
 *
 * It must not know who asks, nor in which form numbers are given away.
 *
 * @module
 */
export { Histogram } from "./histogram.ts";
export { createStatistics, type StatisticsOptions } from "./statistics.ts";
