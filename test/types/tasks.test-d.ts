/* oxlint-disable no-unused-vars -- nothing here runs: the compiler is the test */
// A task's types are those of its function, type parameters included; tasks are values.
import { type Expr, type File, local, type Task, task, withOptions } from "ligase";
import { type Equal, is, type Mutual } from "./expect.ts";
import { align, type Bam, depth, merge, sample, type Sample, trim } from "./fixtures.ts";

// The definition is inferred, with and without options, from plain and async functions.
is<Equal<ReturnType<typeof trim>, Expr<Sample>>>();
is<Equal<Awaited<ReturnType<typeof align>>, Bam>>();
is<Equal<typeof depth, Task<[n: number], number>>>();
is<Equal<Awaited<ReturnType<typeof depth>>, number>>();

// Options are checked.
task({ cpu: 4, memory: ({ attempt }) => attempt * 4e9, retries: { times: 2, delay: "10s" } }, () => 1);
// @ts-expect-error an unknown option
task({ memroy: "4 GiB" }, () => 1);
// @ts-expect-error an option of another type
task({ cpu: "four" }, () => 1);
// @ts-expect-error no function
task({ cpu: 4 });

// Optional, default and rest parameters stay so.
const optional = task((_x: string, _y?: number, ..._z: string[]) => 1);
optional("a");
optional("a", depth(1));
optional("a", 1, "b", "c");
// @ts-expect-error the first is not optional
optional();
const defaults = task(({ k = 31, mode = "fast" }: { k?: number; mode?: string } = {}) => `${k}${mode}`);
defaults();
defaults({ k: depth(1) });
defaults({});
// @ts-expect-error no such field
defaults({ kmer: 31 });

// Type parameters survive.
const identity = task(<T>(x: T): T => x);
const i1 = identity("x");
is<Equal<Awaited<typeof i1>, "x">>();
const i2 = identity(depth(1));
is<Equal<Awaited<typeof i2>, number>>();
const first = task(<T>(xs: T[]): T => xs[0]!);
const f1 = first([depth(1), depth(2)]);
is<Equal<Awaited<typeof f1>, number>>();
const f2 = first([depth(1), 2]);
is<Equal<Awaited<typeof f2>, number>>();
const f3 = first(["a", "b"]);
is<Mutual<Awaited<typeof f3>, string>>();
const pair = task(<A, B>(a: A, b: B) => ({ a, b }));
const p1 = pair(depth(1), "x");
is<Mutual<Awaited<typeof p1>, { a: number; b: "x" }>>();
const zipped = task(<A, B>(a: A[], b: B[]) => a.map((x, i) => ({ x, y: b[i]! })));
const z1 = zipped([depth(1), 2], ["a", "b"]);
is<Equal<Awaited<typeof z1>, { x: number; y: string }[]>>();
const idOf = task(<T extends { id: string }>(x: T): T["id"] => x.id);
const id1 = idOf({ id: "x", n: 1 });
is<Equal<Awaited<typeof id1>, string>>();
// @ts-expect-error the constraint holds
idOf({ n: 1 });

// … through withOptions too, and the arguments stay checked.
const bigger = withOptions(first, { memory: "32 GiB" });
const b1 = bigger([depth(1), 2]);
is<Equal<Awaited<typeof b1>, number>>();
is<Equal<typeof bigger, typeof first>>();
// @ts-expect-error options are checked
withOptions(first, { memory: true });
// @ts-expect-error not a task
withOptions((n: number) => n, { memory: "1 GiB" });

// Tasks are arguments and results.
const apply = task((step: Task<[number], number>, n: number) => step(step(n)));
const a1 = apply(depth, 3);
is<Equal<Awaited<typeof a1>, number>>();
// @ts-expect-error a task of other types
apply(align, 3);
const compose = task((f: Task<[number], number>, _g: Task<[number], number>): Task<[number], number> => f);
const c1 = compose(depth, depth);
is<Equal<Awaited<typeof c1>, Task<[number], number>>>();
apply(c1, 3);
const higher = task(<T, U>(xs: T[], f: (x: T) => U): U[] => xs.map(f));
const h1 = higher([1, 2], (x) => String(x));
is<Equal<Awaited<typeof h1>, string[]>>();

// A body may return lazy values, at any depth, plain or async.
export const main = task((xs: Sample[], ref: File<"fasta">) => {
  const bams = xs.map((x) => align(x, ref));
  return { merged: merge(bams), n: bams.length, first: bams[0]!.stats };
});
is<
  Equal<Awaited<ReturnType<typeof main>>, { merged: File<"bam">; n: number; first: { mapped: number; q30?: number } }>
>();
export const main2 = task(async (x: Sample, ref: File<"fasta">) => {
  const aligned = await align(x, ref);
  return aligned.stats.mapped < 10 ? null : merge([aligned]);
});
is<Equal<Awaited<ReturnType<typeof main2>>, File<"bam"> | null>>();
const nested = task(async () => ({ a: depth(1), list: [depth(2), depth(3)] as const, p: Promise.resolve("x") }));
const n1 = nested();
is<Equal<Awaited<typeof n1>, { a: number; list: readonly [number, number]; p: string }>>();
const nothing = task((_: string): void => undefined);
is<Equal<Awaited<ReturnType<typeof nothing>>, void>>();

// Recursion needs a written result type, as in any TypeScript.
const fib: Task<[n: number], number> = task((n: number): number | Expr<number> => (n < 2 ? n : depth(n)));
fib(depth(3));

// The plain function of a task.
const plain = local(align);
is<Equal<typeof plain, (sample: Sample, ref: File<"fasta">) => Bam | Promise<Bam>>>();
// @ts-expect-error it takes values, not lazy values
void plain(trim(sample));
// @ts-expect-error type parameters do not survive it
local(first);
