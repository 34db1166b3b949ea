/* oxlint-disable no-unused-vars -- nothing here runs: the compiler is the test */
// What combinators take and give.
import {
  all,
  attempt,
  attemptAll,
  cond,
  type Expr,
  fail,
  type File,
  flatten,
  type Group,
  groupBy,
  lift,
  map,
  reduce,
  seq,
  task,
  zip,
} from "ligase";
import { type Equal, is, type Mutual } from "./expect.ts";
import { align, type Bam, depth, fasta, flag, merge, names, sample, type Sample, samples, sheet } from "./fixtures.ts";

// map: over a lazy list, a plain one, one with lazy items; with a task, a function, an index.
const numbers = map([1, depth(2), 3], depth);
is<Equal<Awaited<typeof numbers>, number[]>>();
const bams = map(sheet("x"), (each) => align(each, fasta).bam);
is<Equal<Awaited<typeof bams>, File<"bam">[]>>();
const records = map(samples, (each, index) => ({ id: each.id, index, out: align(each, fasta) }));
is<Equal<Awaited<typeof records>, { id: string; index: number; out: Bam }[]>>();
const lengths = map(names(3), (name) => name);
is<Equal<Awaited<typeof lengths>, string[]>>();
const identity = task(<T>(x: T): T => x);
const same = map([1, 2], identity);
is<Mutual<Awaited<typeof same>, number[]>>();
const alignOne = task((_: Sample): Bam => align(sample, fasta) as never);
merge(map(sheet("x"), alignOne));
const nested = map(map(sheet("x"), alignOne), (bam) => bam.stats.mapped);
is<Equal<Awaited<typeof nested>, number[]>>();
// @ts-expect-error a task of another type
map(names(3), depth);
// @ts-expect-error no list
map(depth(1), depth);
// @ts-expect-error a method of the placeholder
map(names(3), (name) => name.toUpperCase());

// cond: functions or values; the union of both.
const branch = cond(
  flag(1),
  () => depth(1),
  () => "none",
);
is<Equal<Awaited<typeof branch>, string | number>>();
const values = cond(true, depth(1), "none");
is<Mutual<Awaited<typeof values>, string | number>>();
const oneWay = cond(
  flag(1),
  () => align(sample, fasta),
  () => fail("too few reads"),
);
is<Equal<Awaited<typeof oneWay>, Bam>>();
void oneWay.bam;

// seq and all: tuples and records keep their shape.
const sequence = seq([depth(1), align(sample, fasta)]);
is<Equal<Awaited<typeof sequence>, [number, Bam]>>();
const [, second] = sequence;
is<Equal<Awaited<typeof second>, Bam>>();
const sequenceOfList = seq(samples.map((each) => align(each, fasta)));
is<Equal<Awaited<typeof sequenceOfList>, Bam[]>>();
const tuple = all([depth(1), "x"]);
is<Equal<Awaited<typeof tuple>, [number, "x"]>>();
const both = all({ tumor: align(sample, fasta), normal: { depth: depth(1) } });
is<Mutual<Awaited<typeof both>, { tumor: Bam; normal: { depth: number } }>>();
void both.tumor.bam;

// attempt: the value or the recovery.
const recovered = attempt(depth(1), (error) => error.message);
is<Equal<Awaited<typeof recovered>, string | number>>();
const fallback = attempt(depth(1), 0);
is<Equal<Awaited<typeof fallback>, number>>();
const report = task((_: Error): string => "");
const reported = attempt({ n: depth(1) }, report);
is<Mutual<Awaited<typeof reported>, string | { n: number }>>();
const failing = attempt(fail("no"), () => depth(1));
is<Equal<Awaited<typeof failing>, number>>();

// attemptAll: values and errors in place; with a recovery, values or what it gives.
const settled = attemptAll([depth(1), depth(2)]);
is<Equal<Awaited<typeof settled>, (number | Error)[]>>();
const settledLazy = attemptAll(map(samples, (each) => align(each, fasta)));
is<Equal<Awaited<typeof settledLazy>, (Bam | Error)[]>>();
const summary = task((_: (Bam | Error)[]): string => "");
const summarised = attemptAll(
  map(samples, (each) => align(each, fasta)),
  summary,
);
is<Equal<Awaited<typeof summarised>, string | Bam[]>>();
const counted = attemptAll([depth(1)], (results) => results.length);
is<Equal<Awaited<typeof counted>, number | number[]>>();

// fail: never a value.
is<Equal<Awaited<ReturnType<typeof fail>>, never>>();
fail(new Error("x"));
fail(names(1)[0]!);
// @ts-expect-error neither text nor an error
fail(1);

// reduce: with and without an initial value.
const add = task((a: number, b: number) => a + b);
const sum = reduce([depth(1), 2], add, 0);
is<Equal<Awaited<typeof sum>, number>>();
const largest = reduce(numbers, add);
is<Equal<Awaited<typeof largest>, number>>();
const join = task((text: string, n: number) => `${text}${n}`);
const joined = reduce(numbers, join, "");
is<Equal<Awaited<typeof joined>, string>>();
const written = reduce(numbers, (text: Expr<string>, n) => join(text, n), "");
is<Equal<Awaited<typeof written>, string>>();
// @ts-expect-error the step takes other items
reduce(names(3), add, 0);

// zip: tuples of the items, whatever the lists are.
const zipped = zip(numbers, names(3));
is<Equal<Awaited<typeof zipped>, [number, string][]>>();
const zippedPlain = zip(
  [1, 2],
  samples,
  map(samples, (each) => align(each, fasta)),
);
is<Equal<Awaited<typeof zippedPlain>, [number, Sample, Bam][]>>();
const pairs = map(zip(numbers, names(3)), ([n, name]) => ({ n, name }));
is<Equal<Awaited<typeof pairs>, { n: number; name: string }[]>>();
// @ts-expect-error no list
zip(numbers, depth(1));

// flatten: one level.
const flat = flatten(map(samples, (each) => names(align(each, fasta).stats.mapped)));
is<Equal<Awaited<typeof flat>, string[]>>();
const flatPlain = flatten([[1, depth(2)], numbers]);
is<Equal<Awaited<typeof flatPlain>, number[]>>();

// groupBy: keys and items; the size by a number or of an item.
const groups = groupBy(sheet("x"), (each) => each.id);
is<Equal<Awaited<typeof groups>, Group<string, Sample>[]>>();
const merged = map(groups, ({ key, items }) => ({ key, bam: merge(map(items, alignOne)) }));
is<Equal<Awaited<typeof merged>, { key: string; bam: File<"bam"> }[]>>();
groupBy(sheet("x"), (each) => each.meta.kind, { size: 2 });
groupBy(sheet("x"), (each) => each.meta.kind, { size: (each) => each.meta.depth });
groupBy(sheet("x"), (each) => each.meta.kind, { size: depth(1) });
const byTwo = groupBy(sheet("x"), (each) => ({ kind: each.meta.kind, id: each.id }));
is<Equal<Awaited<typeof byTwo>[number]["key"], { kind: "wgs" | "rna"; id: string }>>();
// @ts-expect-error the size is a number
groupBy(sheet("x"), (each) => each.id, { size: (each) => each.id });

// lift: a small computation.
const ratio = lift((a: number, b: number) => a / b)(depth(1), 2);
is<Equal<Awaited<typeof ratio>, number>>();
const upper = lift((name: string) => name.toUpperCase())(names(1)[0]!);
is<Equal<Awaited<typeof upper>, string>>();
const pick = lift(<T>(xs: T[]) => xs[0]!)([depth(1), 2]);
is<Equal<Awaited<typeof pick>, number>>();
// @ts-expect-error an argument of another type
lift((a: number) => a)(names(1)[0]!);
const isHigh = cond(lift((n: number) => n > 3)(depth(1)), "high", "low");
is<Equal<Awaited<typeof isHigh>, string>>();
