import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage<string>();

/** Runs a task's body, and everything it starts, with a directory of the attempt's own. */
export function withWorkDir<T>(dir: string, run: () => T): T {
  return storage.run(dir, run);
}

/** The directory of the attempt that is running; none outside of tasks. */
export function currentWorkDir(): string | undefined {
  return storage.getStore();
}
