/** Labels of a sample, by name. */
export type Labels = Readonly<Record<string, string | number>>;

/** A number, and what it is of. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** What a metric is: see https://prometheus.io/docs/concepts/metric_types/. */
export type MetricType = "counter" | "gauge" | "histogram";

/** The media type of the text. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Metrics in the text format of Prometheus, version 0.0.4. A library for it would cost 20 MB and 90 ms, and keep the numbers
 * in a form of its own.
 *
 * @example
 * ```ts
 * new Exposition().add("ligase_queue_jobs", "gauge", "Jobs now.", [{ labels: { endpoint: "fold" }, value: 3 }]).text();
 * // # HELP ligase_queue_jobs Jobs now.
 * // # TYPE ligase_queue_jobs gauge
 * // ligase_queue_jobs{endpoint="fold"} 3
 * ```
 */
export class Exposition {
  readonly #lines: string[] = [];

  add(name: string, type: Exclude<MetricType, "histogram">, help: string, samples: Iterable<Sample>): this {
    this.#head(name, type, help);
    for (const { labels, value } of samples) this.#sample(name, labels, value);
    return this;
  }

  histogram(name: string, help: string, histograms: Iterable<readonly [Labels, Timings]>): this {
    this.#head(name, "histogram", help);
    for (const [labels, timings] of histograms) {
      for (const { le, count } of timings.cumulative()) this.#sample(`${name}_bucket`, { ...labels, le }, count);
      this.#sample(`${name}_sum`, labels, timings.seconds);
      this.#sample(`${name}_count`, labels, timings.count);
    }
    return this;
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #head(name: string, type: MetricType, help: string): void {
    this.#lines.push(
      `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${name} ${type}`,
    );
  }

  #sample(name: string, labels: Labels | undefined, value: number): void {
    const parts = Object.entries(labels ?? {}).map(([key, each]) => `${key}="${escaped(String(each))}"`);
    this.#lines.push(`${name}${parts.length === 0 ? "" : `{${parts.join(",")}}`} ${value}`);
  }
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Upper bounds in seconds, from a warm no-op to a night. */
const BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 28_800];

/** How long things took, since the server began: in a fixed amount of memory. */
export class Timings {
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #seconds = 0;

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** @param ms - milliseconds; what is below 0 (a clock was set back) counts as 0 */
  add(ms: number): void {
    const seconds = Math.max(0, ms) / 1000;
    let i = 0;
    while (i < BOUNDS.length && seconds > BOUNDS[i]!) i++;
    this.#counts[i] = this.#counts[i]! + 1;
    this.#seconds += seconds;
  }

  /** How many took no longer than each bound. */
  *cumulative(): Generator<{ readonly le: string; readonly count: number }> {
    let count = 0;
    for (const [i, bound] of BOUNDS.entries()) {
      count += this.#counts[i]!;
      yield { le: String(bound), count };
    }
    yield { le: "+Inf", count: this.count };
  }
}
