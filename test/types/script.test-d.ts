/* oxlint-disable no-unused-expressions -- nothing here runs: the compiler is the test */
// What scripts take and what they give.
import { type Dir, type File, lift, map, optional, Output, output, raw, script, task } from "ligase";
import { type Equal, is } from "./expect.ts";
import { align, depth, fasta, names, sample, trim } from "./fixtures.ts";

// Without outputs: stdout, as text.
const text = script`samtools view -c ${fasta}`;
is<Equal<Awaited<typeof text>, string>>();
const python = script({ interpreter: "python3", env: { SAMPLE: names(1)[0]! }, inputs: [fasta] })`print(1)`;
is<Equal<Awaited<typeof python>, string>>();
const count = lift(Number)(text);
is<Equal<Awaited<typeof count>, number>>();

// Outputs: a file, files, directories.
const one = script({ outputs: "out.bam" })`…`;
is<Equal<Awaited<typeof one>, File>>();
const many = script({ outputs: "*.bam" })`…`;
is<Equal<Awaited<typeof many>, File[]>>();
const braces = script({ outputs: "x.{bam,bai}" })`…`;
is<Equal<Awaited<typeof braces>, File[]>>();
const question = script({ outputs: "x?.bam" })`…`;
is<Equal<Awaited<typeof question>, File[]>>();
const range = script({ outputs: "x[0-9].bam" })`…`;
is<Equal<Awaited<typeof range>, File[]>>();
const folder = script({ outputs: "qc/" })`…`;
is<Equal<Awaited<typeof folder>, Dir>>();
const computed = script({ outputs: `${sample.id}.bam` })`…`;
is<Equal<Awaited<typeof computed>, File>>();

// What is handed to people, alone and in a record; it is a File too.
const handed = script({ outputs: output("plot.svg") })`…`;
is<Equal<Awaited<typeof handed>, Output>>();
const mixed = script({ outputs: { plot: output("plot.svg"), maybe: optional(output("x.svg")), bam: "x.bam" } })`…`;
is<Equal<Awaited<typeof mixed>, { plot: Output; maybe: Output | undefined; bam: File }>>();
const size = task(async (file: File) => file.size());
size(handed);
size(mixed.plot);
const made = task(async (): Promise<Output> => Output.write("map.svg", "<svg/>"));
size(made());
// @ts-expect-error -- a File has no link
task(async (file: File) => file.url());

// Records, tuples, sidecars, what may be missing.
const all = script({
  outputs: {
    bam: { file: "out.bam", sidecars: "out.bam.bai" },
    pair: ["1.fq", "2.fq"],
    reports: { html: "*.html", folder: "qc/" },
    log: optional("warnings.txt"),
    parts: optional("part*.txt"),
  },
})`…`;
is<
  Equal<
    Awaited<typeof all>,
    {
      bam: File;
      pair: [File, File];
      reports: { html: File[]; folder: Dir };
      log: File | undefined;
      parts: File[];
    }
  >
>();
const [read1, read2] = all.pair;
is<Equal<Awaited<typeof read1>, File>>();
void read2;
script`cat ${all.reports.html} ${all.bam}`;
map(all.reports.html, (html) => script`wc -c ${html}`);

// What can be interpolated: words, files, lists, lazy or not.
script`x ${"a"} ${1} ${2n} ${true} ${["a", 1]} ${[fasta, trim(sample).r1]} ${names(3)} ${depth(1)} ${raw("-F 4")}`;
script`x ${align(sample, fasta).bam} ${[raw("-a"), depth(1)]} ${raw(names(1)[0]!)}`;
// @ts-expect-error what may be missing
script`x ${trim(sample).r2}`;
// @ts-expect-error nothing at all
script`x ${undefined}`;
// @ts-expect-error an object
script`x ${{ a: 1 }}`;
// @ts-expect-error a lazy object
script`x ${align(sample, fasta)}`;
// @ts-expect-error a function
script`x ${() => "a"}`;

// Options are checked.
// @ts-expect-error an unknown option
script({ outpts: "x" })`…`;
// @ts-expect-error an option of the task around it
script({ cpu: 4 })`…`;

// A task whose body is a script.
const sort = task(
  { cpu: 2 },
  (bam: File) => script({ outputs: { bam: "sorted.bam" } })`samtools sort -o sorted.bam ${bam}`,
);
is<Equal<Awaited<ReturnType<typeof sort>>, { bam: File }>>();
sort(one);
