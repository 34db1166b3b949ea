/* oxlint-disable no-unused-vars -- nothing here runs: the compiler is the test */
// A task takes values, lazy values, and any mixture of them, however deep; nothing else.
import { type Expr, File, task } from "ligase";
import { type Equal, is } from "./expect.ts";
import { align, type Bam, depth, fasta, flag, merge, names, sample, samples, sheet, trim } from "./fixtures.ts";

const trimmed = trim(sample);
const aligned = align(trimmed, fasta);

// Whole, spread, and field by field.
align(sample, fasta);
align(trimmed, fasta);
align({ ...sample, id: "x", r1: trimmed.r1, meta: { depth: aligned.stats.mapped, kind: "wgs" } }, fasta);
align({ id: trimmed.id, r1: trimmed.r1, tags: [trimmed.id, "b"], meta: trimmed.meta }, fasta);
align({ id: names(3)[0]!, r1: trimmed.r1, tags: names(3), meta: { depth: depth(1), kind: trimmed.meta.kind } }, fasta);
// @ts-expect-error a lazy value of another type
align(depth(1), fasta);
// @ts-expect-error a plain value of another type
align({ id: 1 }, fasta);
// @ts-expect-error a lazy string where a number belongs, deep inside
align({ id: trimmed.id, r1: trimmed.r1, tags: [], meta: { depth: trimmed.id, kind: "wgs" } }, fasta);
// @ts-expect-error a lazy value in a list of another type
align({ id: "x", r1: trimmed.r1, tags: [depth(1)], meta: trimmed.meta }, fasta);
// @ts-expect-error a field is missing
align({ id: trimmed.id, r1: trimmed.r1, tags: [] }, fasta);
// @ts-expect-error a field too many
align({ ...sample, id2: "x", r1: trimmed.r1, tags: [], meta: sample.meta, id: "x" }, fasta);
// @ts-expect-error too few arguments
align(trimmed);
// @ts-expect-error too many
align(trimmed, fasta, 1);

// Files are told apart by format, and are not looked into.
// @ts-expect-error a FASTQ file for a reference
align(trimmed, trimmed.r1);
// @ts-expect-error something that looks like a file
align(trimmed, { path: "x", name: "x", text: () => Promise.resolve("") });

// Lists: of values, of lazy values, lazy, mixed.
merge(samples.map((each) => align(each, fasta)));
merge([aligned, { bam: aligned.bam, bai: aligned.bai, stats: aligned.stats }]);
const total = task((ns: readonly number[]) => ns.length);
total([1, depth(1), 3]);
// @ts-expect-error a list of another type
total(names(3));
const two = task((_: [string, number]) => 1);
two(["a", depth(1)]);
two([names(1)[0]!, 2]);
// @ts-expect-error a tuple of another length
two(["a"]);

// Optional fields and parameters take a value that may turn out to be missing.
const named = task((o: { reads: File<"fastq">; k?: number }) => o.k ?? 1);
named({ reads: trimmed.r1, k: aligned.stats.mapped });
named({ reads: trimmed.r1 });
// @ts-expect-error an excess field
named({ reads: new File<"fastq">("x"), kk: 1 });
const maybe = task((_x?: number) => 1);
maybe(aligned.stats.q30);

// Unions, booleans and literals.
type Shape = { kind: "circle"; r: number } | { kind: "text"; s: string };
const draw = task((_: Shape) => 1);
const shape = task((_: number): Shape => ({ kind: "circle", r: 1 }));
draw(shape(1));
draw({ kind: "circle", r: depth(1) });
draw({ kind: "text", s: trimmed.id });
// @ts-expect-error a mixture of two members
draw({ kind: "text", r: depth(1) });
const toggle = task((_: boolean) => 1);
toggle(flag(1));
toggle(true);
const kind = task((_: "wgs" | "rna") => 1);
kind(trimmed.meta.kind);
// @ts-expect-error a wider type
kind(trimmed.id);

// any and unknown take anything.
const loose = task((x: unknown): unknown => x);
loose(depth(1));
loose({ a: [depth(1)] });

// Recursive types, records, JSON.
interface Tree {
  name: string;
  kids: Tree[];
}
const tree = task((t: Tree): Tree => t);
tree({ name: "a", kids: [tree({ name: "b", kids: [] }), { name: trimmed.id, kids: [] }] });
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const json = task((x: Json): Json => x);
json({ a: [depth(1), { b: "x" }], c: json(null) });
const record = task((_: Record<string, number>): Record<string, Bam> => ({}));
record({ a: depth(1), b: 2 });

// Branded primitives, dates, maps, bytes, read-only.
type SampleId = string & { readonly __brand: "sample" };
const branded = task((x: SampleId): SampleId => x);
declare const id: SampleId;
branded(id);
branded(branded(id));
// @ts-expect-error a plain string
branded("x");
const misc = task(
  (x: { d: Date; m: Map<string, number>; u: Uint8Array; ro: readonly number[]; t: readonly [number, string] }) => x.t,
);
misc({ d: new Date(), m: new Map(), u: new Uint8Array(), ro: [depth(1), 2], t: [depth(1), "x"] });

// Functions as arguments are typed like any other.
const each = task((f: (x: number) => number, n: number) => f(n));
each((x) => x + 1, depth(1));
// @ts-expect-error a function of another type
each((x: string) => x.length, depth(1));

// Lazy values are covariant, and are not the values.
const wider: Expr<{ mapped: number }> = aligned.stats;
is<Equal<Awaited<typeof wider>, { mapped: number }>>();
// @ts-expect-error another type
const wrong: Expr<{ mapped: string }> = aligned.stats;
// @ts-expect-error a lazy string is no string
const text: string = trimmed.id;
void [wrong, text, sheet];
