import type { LigaseError } from "../../kernel/index.ts";

/** Those who want to know whether the version that is live serves. */
export class Settlers {
  #waiting: { readonly resolve: () => void; readonly reject: (error: LigaseError) => void }[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  wait(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** It does, or nobody can say now. */
  settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }

  /** It does not. */
  fail(error: () => LigaseError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error());
  }
}
