import type { TaskOptions } from "../expr/options.ts";

/** May a recorded result stand for the body? What a body leaves in a volume is no part of its result. */
export function isCacheable({ cache, volumes }: Pick<TaskOptions, "cache" | "volumes">): boolean {
  if (cache !== undefined || volumes === undefined) return cache !== false;
  return Object.values(volumes).every(({ readOnly }) => readOnly);
}
