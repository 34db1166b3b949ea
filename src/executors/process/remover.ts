import { Worker } from "node:worker_threads";

/** Removes directories in a thread of its own; see `remover-main`. */
export class Remover {
  readonly #warn: (message: string) => void;
  #thread: Worker | undefined;
  #open = 0;
  #idle: (() => void) | undefined;

  /** @param warn - hears of directories that could not be removed */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Removes a directory with whatever is in it, some time soon. */
  remove(dir: string): void {
    this.#thread ??= this.#start();
    this.#open++;
    this.#thread.postMessage(dir);
  }

  /** Waits until all is removed. */
  async finish(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  #start(): Worker {
    const program = new URL(`remover-main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
    const thread = new Worker(program);
    thread.on("message", (problem: string | null) => {
      if (problem !== null) this.#warn(problem);
      if (--this.#open === 0) this.#idle?.();
    });
    return thread;
  }
}
