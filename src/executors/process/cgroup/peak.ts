/** What a group says of its memory at one moment; all in bytes. */
export interface MemoryReading {
  /** The most since the reading before, or since ever: files that the system has cached are in it. */
  readonly most: number;
  /** What of files is cached. */
  readonly cached: number;
  /** What its processes have for themselves, or share. */
  readonly used: number;
  /** How many processes were killed for want of memory. */
  readonly kills: number;
}

/**
 * Finds out how much memory a job had at most, from readings now and then. The kernel keeps a high-water mark, but counts
 * cached files too, of earlier jobs as well: a job that copies a file would have had all the memory there is. So from what
 * the mark rose to between two readings that part is taken which was cached before or after.
 */
export class PeakMemory {
  #before: MemoryReading = { most: 0, cached: 0, used: 0, kills: 0 };
  /** Bytes. */
  peak = 0;

  /** A job begins: what was until now is none of its. */
  begin(reading: MemoryReading): void {
    this.#before = reading;
    this.peak = 0;
  }

  /** @param isFresh - whether the mark begins anew at each reading */
  add(reading: MemoryReading, isFresh: boolean): void {
    const { most, cached, kills } = this.#before;
    // Where the kernel killed for want of memory, it had thrown away before whatever was cached.
    const notUsed = reading.kills > kills ? 0 : Math.max(cached, reading.cached);
    const risen = isFresh || reading.most > most ? reading.most - notUsed : 0;
    this.peak = Math.max(this.peak, reading.used, risen);
    this.#before = reading;
  }
}
