/** Bytes of a place in which the id of a job stands: its length, then its characters. */
const PLACE = 128;

/**
 * The ids of the jobs that run, in memory that the thread which tells the server of them can see: a thread that is told of
 * each job in messages costs more than an empty job does.
 */
export class Running {
  readonly #bytes: Uint8Array;

  /** @param memory - of {@link Running.memory}: the same one on the other side */
  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
  }

  /** Memory for so many jobs at once. */
  static memory(jobs: number): SharedArrayBuffer {
    return new SharedArrayBuffer(jobs * PLACE);
  }

  /** A job begins, in a place of its own. */
  begin(place: number, id: string): void {
    const at = place * PLACE;
    const length = Math.min(id.length, PLACE - 1);
    for (let i = 0; i < length; i++) this.#bytes[at + 1 + i] = id.charCodeAt(i) & 0x7f;
    // Last: who reads in between finds none.
    Atomics.store(this.#bytes, at, length);
  }

  /** It is over. */
  end(place: number): void {
    Atomics.store(this.#bytes, place * PLACE, 0);
  }

  /** Those that run now. */
  ids(): string[] {
    const found: string[] = [];
    for (let at = 0; at < this.#bytes.length; at += PLACE) {
      const length = Atomics.load(this.#bytes, at);
      if (length > 0) found.push(String.fromCharCode(...this.#bytes.slice(at + 1, at + 1 + length)));
    }
    return found;
  }
}
