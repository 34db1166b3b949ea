import type { TaskOptions } from "../expr/options.ts";

/** May a recorded result stand for the body? What a body leaves in a volume is no part of its result. */
export function isCacheable({ cache, volumes }: Pick<TaskOptions, "cache" | "volumes">): boolean {
  return cache ?? !Object.values(volumes ?? {}).some(({ readOnly }) => !readOnly);
}
