/* oxlint-disable no-unused-vars, typescript/no-misused-promises -- nothing here runs: the compiler is the test */
// Fields of lazy values are lazy values; tuples and records destructure; what is not there yet cannot be called.
import { type Expr, type File, get, task } from "ligase";
import { type Equal, is, type Mutual } from "./expect.ts";
import { align, type Bam, depth, fasta, names, sample, trim } from "./fixtures.ts";

const aligned = align(sample, fasta);
const trimmed = trim(sample);

// Fields, nested and optional.
is<Mutual<typeof aligned.stats.mapped, Expr<number>>>();
is<Equal<Awaited<typeof aligned.bam>, File<"bam">>>();
is<Equal<Awaited<typeof aligned.stats.q30>, number | undefined>>();
is<Equal<Awaited<typeof trimmed.r2>, File<"fastq"> | undefined>>();
depth(aligned.stats.mapped);
// @ts-expect-error no such field
void aligned.nope;
// @ts-expect-error a field of what may be missing
void trimmed.r2.path;

// Data fields of an atom, but no methods: it is not there yet.
is<Equal<Awaited<typeof aligned.bam.path>, string>>();
// @ts-expect-error a method
void aligned.bam.text();

// Destructuring of records.
const {
  bam,
  stats: { mapped },
} = aligned;
is<Equal<Awaited<typeof bam>, File<"bam">>>();
is<Equal<Awaited<typeof mapped>, number>>();

// Destructuring of tuples.
const split = task((x: string): [string, number] => [x, 1]);
const [left, right] = split("a");
is<Equal<Awaited<typeof left>, string>>();
is<Equal<Awaited<typeof right>, number>>();
depth(right);
// @ts-expect-error a tuple has its length
depth(split("a")[2]);
const fixed = task(() => ["a", 1] as const);
const [fixedA, fixedB] = fixed();
is<Equal<Awaited<typeof fixedA>, "a">>();
is<Equal<Awaited<typeof fixedB>, 1>>();

// Lists of unknown length: items and length, nothing that needs the whole.
const list = names(3);
const item = list[0]!;
is<Equal<Awaited<typeof item>, string>>();
depth(list.length);
// @ts-expect-error destructuring it
const [one] = list;
// @ts-expect-error spreading it
void [...list];
// @ts-expect-error iterating it
for (const each of list) void each;
// @ts-expect-error its methods
list.map((x) => x);
void one;

// Unions give their common fields; what may be null gives none.
type Shape = { kind: "circle"; r: number } | { kind: "text"; s: string };
const shape = task((_: number): Shape => ({ kind: "circle", r: 1 }))(1);
is<Equal<Awaited<typeof shape.kind>, "circle" | "text">>();
// @ts-expect-error a field of one member alone
void shape.r;
const maybe = task((_: number): Bam | null => null)(1);
is<Equal<Awaited<typeof maybe>, Bam | null>>();
// @ts-expect-error it may be null
void maybe.bam;

// any projects to any, unknown to nothing.
// oxlint-disable-next-line typescript/no-explicit-any -- what it does is the test
const anything = task((x: any): any => x)(1);
depth(anything.foo.bar);
const unknown = task((x: unknown): unknown => x)(1);
// @ts-expect-error nothing is known of it
void unknown.foo;

// Recursive types and records.
interface Tree {
  name: string;
  kids: Tree[];
}
const tree = task((t: Tree): Tree => t)({ name: "a", kids: [] });
const kid = tree.kids[0]!.kids[1]!.name;
is<Equal<Awaited<typeof kid>, string>>();
const record = task((): Record<string, Bam> => ({}))();
const entry = record["x"]!.bam;
is<Equal<Awaited<typeof entry>, File<"bam">>>();

// Names that cannot be written with a dot.
const stats = get(aligned, "stats");
is<Equal<Awaited<typeof stats>, Bam["stats"]>>();
const awkward = task((): { then: string; ok: number } => ({ then: "x", ok: 1 }))();
const then = get(awkward, "then");
is<Equal<Awaited<typeof then>, string>>();
// @ts-expect-error no such field
get(aligned, "nope");
const second = get(split("a"), 1);
is<Equal<Awaited<typeof second>, number>>();

// Nothing can be assigned to.
// @ts-expect-error a field
aligned.bam = bam;
// @ts-expect-error an item
list[0] = item;
