/**
 * The operators of the language, one file each, as library code on the kernel of reduction
 * (`Kernel`: cells, shapes, items). They know nothing of jobs beyond passing on whose they are,
 * and nothing of stores and executors. `attempt` is the exception that the engine supplies: what
 * failed before is replayed from the store.
 *
 * @module
 */
import { attempt } from "./attempt.ts";
import { cond } from "./cond.ts";
import { fail } from "./fail.ts";
import { flatten } from "./flatten.ts";
import { groupBy } from "./group-by.ts";
import { map } from "./map.ts";
import type { OperatorRules } from "./operator.ts";
import { reduce } from "./reduce.ts";
import { seq } from "./seq.ts";
import { value } from "./value.ts";
import { zip } from "./zip.ts";

/** The rule of each operator. */
export const operators: OperatorRules = {
  attempt,
  cond,
  fail,
  flatten,
  groupBy,
  map,
  reduce,
  seq,
  value,
  zip,
};
