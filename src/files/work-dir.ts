import { AsyncLocalStorage } from "node:async_hooks";

/** The directory of one attempt. It is made when something is first written there. */
export class WorkDir {
  readonly path: string;
  /** Has the body asked for it? */
  used = false;

  constructor(path: string) {
    this.path = path;
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
