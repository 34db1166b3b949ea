import { AsyncLocalStorage } from "node:async_hooks";
import { type Activities, noActivities } from "./activity.ts";

/** The directory of one attempt. It is made when something is first written there. */
export class WorkDir {
  readonly path: string;
  /** Has the body asked for it? */
  used = false;
  /** Hears of what the body publishes. */
  readonly activities: Activities;

  constructor(path: string, activities: Activities = noActivities) {
    this.path = path;
    this.activities = activities;
  }
}

const storage = new AsyncLocalStorage<WorkDir>();

/** Runs a task's body, and everything it starts, with a directory of the attempt's own. */
export function withWorkDir<T>(dir: string | WorkDir, run: () => T): T {
  return storage.run(typeof dir === "string" ? new WorkDir(dir) : dir, run);
}

/** The directory of the attempt that is running; none outside of tasks. */
export function currentWorkDir(): string | undefined {
  const dir = storage.getStore();
  if (dir) dir.used = true;
  return dir?.path;
}

/** Who hears of what the body that is running publishes. */
export function currentActivities(): Activities {
  return storage.getStore()?.activities ?? noActivities;
}
