/* oxlint-disable typescript/no-misused-promises -- nothing here runs: the compiler is the test */
// await gives the value; what a lazy value cannot be used for, the compiler says.
import { cond } from "ligase";
import { type Equal, is } from "./expect.ts";
import { align, type Bam, depth, fasta, flag, sample, samples } from "./fixtures.ts";

export async function body() {
  const x = await align(sample, fasta);
  is<Equal<typeof x, Bam>>();
  const mapped = await align(sample, fasta).stats.mapped;
  is<Equal<typeof mapped, number>>();
  const [y, z] = await Promise.all([align(sample, fasta), depth(1)]);
  is<Equal<typeof y, Bam>>();
  is<Equal<typeof z, number>>();
  const all = await Promise.all(samples.map((each) => align(each, fasta)));
  is<Equal<typeof all, Bam[]>>();
  const settled = await Promise.allSettled([depth(1)]);
  is<Equal<(typeof settled)[0], PromiseSettledResult<number>>>();
  const first = await Promise.race([depth(1), align(sample, fasta)]);
  is<Equal<typeof first, number | Bam>>();
  const branch = await cond(
    flag(1),
    () => depth(1),
    () => "none",
  );
  is<Equal<typeof branch, string | number>>();
  const done = await depth(1).then((n) => n.toFixed(1));
  is<Equal<typeof done, string>>();
  return align(sample, fasta);
}
is<Equal<Awaited<ReturnType<typeof body>>, Bam>>();

const lazy = flag(1);
// @ts-expect-error TS2801: it is always truthy
if (lazy) void 0;
// @ts-expect-error TS2801
void (lazy ? 1 : 2);
// @ts-expect-error no comparison with a value
void (lazy === true);
// @ts-expect-error no arithmetic
void (depth(1) + 1);
// @ts-expect-error no arithmetic
void (depth(1) * 2);
// @ts-expect-error no comparison of size
void (depth(1) < 2);
// @ts-expect-error not iterable
for (const x of depth(1)) void x;
// @ts-expect-error not callable
depth(1)();
