/**
 * The lines of a stream of UTF-8, without their ends (`\n` or `\r\n`), a byte order mark dropped.
 *
 * Written out, because an async generator awaits several times a line: this is as quick as
 * `node:readline` (220 MB/s of FASTQ beside other work), a generator a quarter of it.
 */
export class Lines implements AsyncIterableIterator<string, undefined> {
  readonly #open: () => Promise<AsyncIterable<Uint8Array>>;
  readonly #decoder = new TextDecoder();
  #chunks: AsyncIterator<Uint8Array, unknown> | undefined;
  #lines: readonly string[] = [];
  #at = 0;
  /** The line that goes on in the next chunk. */
  #rest = "";
  #ended = false;
  /** The last call that could not be answered at once; later ones wait for it. */
  #last: Promise<unknown> | undefined;

  /** @param open - called when the first line is asked for */
  constructor(open: () => Promise<AsyncIterable<Uint8Array>>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<string, undefined>> {
    if (this.#last === undefined && this.#at < this.#lines.length) {
      return Promise.resolve({ done: false, value: this.#lines[this.#at++]! });
    }
    const mine = (this.#last ?? Promise.resolve()).then(() => this.#read());
    const answered = (): void => {
      if (this.#last === mine) this.#last = undefined;
    };
    this.#last = mine;
    mine.then(answered, answered);
    return mine;
  }

  /** Ends the reading: a `break` out of the loop does so. */
  async return(): Promise<IteratorResult<string, undefined>> {
    this.#finish();
    await this.#chunks?.return?.();
    return { done: true, value: undefined };
  }

  #finish(): void {
    this.#ended = true;
    this.#lines = [];
    this.#at = 0;
    this.#rest = "";
  }

  async #read(): Promise<IteratorResult<string, undefined>> {
    try {
      while (this.#at >= this.#lines.length) {
        if (this.#ended) return { done: true, value: undefined };
        this.#chunks ??= (await this.#open())[Symbol.asyncIterator]();
        const next = await this.#chunks.next();
        if (!this.#ended) this.#take(next.done ? undefined : next.value);
      }
    } catch (error) {
      this.#finish();
      throw error;
    }
    return { done: false, value: this.#lines[this.#at++]! };
  }

  #take(chunk: Uint8Array | undefined): void {
    const text = chunk === undefined ? this.#decoder.decode() : this.#decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    const last = lines.pop()!;
    if (lines.length === 0) this.#rest += last;
    else {
      // Joined here alone, so that a line of 10 MB is put together once.
      lines[0] = this.#rest + lines[0]!;
      this.#rest = last;
    }
    if (chunk === undefined) {
      this.#ended = true;
      if (this.#rest !== "") lines.push(this.#rest);
      this.#rest = "";
    }
    this.#lines = lines.some((line) => line.endsWith("\r"))
      ? lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
      : lines;
    this.#at = 0;
  }
}
