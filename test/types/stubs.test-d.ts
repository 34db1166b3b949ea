/* oxlint-disable no-unused-vars -- nothing here runs: the compiler is the test */
// A stub has the parameters and the result of the body, and says nothing of the types of the task.
import { type Expr, File, script, type Task, task, withOptions } from "ligase";
import { type Equal, is } from "./expect.ts";
import { type Bam, depth, merge, type Sample, trim } from "./fixtures.ts";

const plain = task(
  {
    cpu: 4,
    stub: (sample, count) => {
      is<Equal<typeof sample, Sample>>();
      is<Equal<typeof count, number>>();
      return { id: sample.id, count };
    },
  },
  (sample: Sample, count: number) => ({ id: sample.id, count: count + 1 }),
);
is<Equal<typeof plain, Task<[sample: Sample, count: number], { id: string; count: number }>>>();

// It may take fewer parameters, or none; a script stands in place of a script.
const aligned = task(
  { stub: () => script({ outputs: { bam: "sorted.bam" } })`touch sorted.bam` },
  (sample: Sample, reference: File) =>
    script({ outputs: { bam: "sorted.bam" } })`bwa mem ${reference} ${sample.r1} > sorted.bam`,
);
is<Equal<Awaited<ReturnType<typeof aligned>>, { bam: File }>>();

// … or files that are written there and then, also by an async function.
task(
  { stub: async () => ({ bam: await File.write("sorted.bam", "") }) },
  (sample: Sample) => script({ outputs: { bam: "sorted.bam" } })`bwa mem ${sample.r1} > sorted.bam`,
);

// Lazy values at any depth, or a task of the same type.
task({ stub: (n) => ({ depths: [depth(n), n] }) }, (n: number) => ({ depths: [n] }));
task({ stub: trim }, (sample: Sample): Sample => sample);
task({ stub: (n) => depth(n) }, async (n: number) => n + 1);
task({ stub: async (n) => n }, (n: number) => depth(n));

// Optional, default, rest and destructured parameters stay what they are in the body.
const optional = task(
  {
    stub: (x, y, ...z) => {
      is<Equal<typeof y, number | undefined>>();
      is<Equal<typeof z, string[]>>();
      return x;
    },
  },
  (x: string, _y?: number, ..._z: string[]) => x,
);
optional("a");
optional("a", depth(1), "b");
task({ stub: ({ k = 31 } = {}) => `${k}` }, ({ k = 31 }: { k?: number } = {}) => `${k}`);

// Type parameters survive beside a stub that says nothing of them.
const first = task({ memory: "1 GiB", stub: () => undefined as never }, <T>(xs: T[]): T => xs[0]!);
const f1 = first([depth(1), 2]);
is<Equal<Awaited<typeof f1>, number>>();
const f2 = first(["a"]);
is<Equal<Awaited<typeof f2>, string>>();

// @ts-expect-error another result
task({ stub: () => "text" }, (n: number) => n + 1);
// @ts-expect-error a field is missing
task({ stub: () => ({}) }, (x: Sample): Bam => merge([x as unknown as Bam]) as unknown as Bam);
// @ts-expect-error other parameters
task({ stub: (n: string) => 1 }, (n: number) => n + 1);
// @ts-expect-error more parameters than the body has
task({ stub: (n: number, m: number) => 1 }, (n: number) => n + 1);
// @ts-expect-error a stub belongs to the definition
withOptions(depth, { stub: () => 1 });

export const lazy: Expr<number> = task({ stub: () => 1 }, (n: number) => n)(depth(1));
