import type { Aim, Result } from "./suite.ts";
import type { Measured } from "./process.ts";

/** The middle one; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What was seen in one round; the seconds at least. */
export type Sample = Pick<Measured, "seconds"> & Partial<Measured>;

/**
 * Measures several ways to do a thing, taking turns round by round, so that whatever else the machine does in the
 * meantime hits all of them alike. The first round warms caches and does not count.
 */
export async function takeTurns<Name extends string>(
  rounds: number,
  ways: Readonly<Record<Name, () => Promise<Sample>>>,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(ways) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const sample = await ways[name]();
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
}

/** Sums up the rounds of one way. */
export function summarise(
  what: string,
  samples: readonly Sample[],
  more: Pick<Result, "count" | "storeBytes" | "aim" | "note"> & {
    against?: { name: string; samples: readonly Sample[] };
  } = {},
): Result {
  const { against, ...rest } = more;
  const seconds = samples.map((sample) => sample.seconds);
  const peak = Math.max(...samples.map(({ peakMemory }) => peakMemory ?? 0));
  return {
    what,
    seconds: median(seconds),
    fastest: Math.min(...seconds),
    slowest: Math.max(...seconds),
    rounds: samples.length,
    ...(peak > 0 && { peakMemory: peak }),
    ...rest,
    ...(against && {
      ratio: { to: against.name, times: median(seconds) / median(against.samples.map((sample) => sample.seconds)) },
    }),
  };
}

function medianSeconds(samples: readonly Sample[]): number {
  return median(samples.map(({ seconds }) => seconds));
}

/** The aim to take less than some times as long as something else. */
export function under(times: number, to: string, samples: readonly Sample[], against: readonly Sample[]): Aim {
  return { text: `under ${times} × ${to}`, met: medianSeconds(samples) < times * medianSeconds(against) };
}

/** The aim to take less than some seconds, and no more than some bytes of memory. */
export function within(seconds: number, samples: readonly Sample[], memory = Infinity): Aim {
  const peak = Math.max(...samples.map(({ peakMemory }) => peakMemory ?? 0));
  const text = `under ${seconds} s${memory === Infinity ? "" : ` within ${memory / 1e6} MB`}`;
  return { text, met: medianSeconds(samples) < seconds && peak < memory };
}
