/**
 * A synthetic workflow, in two versions that do the same: as tasks, and as plain async functions.
 * Every group has types of its own, as different steps of a real workflow have: so that the
 * compiler cannot answer the second from what it found of the first.
 */

/** How many tasks a group has. */
export const GROUP = 6;

const types = (n: number): string => `
export interface Sample${n} { id: string; r1: File<"fastq${n}">; r2?: File<"fastq${n}">; tags: string[]; meta: { depth: number; kind: "wgs" | "rna"; lane${n}: number } }
export interface Bam${n} { bam: File; bai: File; stats: { mapped: number; q30?: number; rate${n}: number } }
`;

const asTasks = (n: number): string => `${types(n)}
/** Reads a sheet. */
export const sheet${n} = task(async (sheet: File): Promise<Sample${n}[]> => JSON.parse(await sheet.text()) as Sample${n}[]);
/** Trims reads. */
export const trim${n} = task({ cpu: 1 }, async (sample: Sample${n}): Promise<Sample${n}> => ({ ...sample, tags: [...sample.tags, "trimmed"] }));
/** Aligns reads. */
export const align${n} = task({ cpu: 4, memory: "8 GiB" }, (sample: Sample${n}, reference: File<"fasta">) =>
  script({ outputs: { bam: "out.bam", bai: "out.bam.bai" } })\`
    bwa mem -t $LIGASE_CPU -R \${sample.id} \${reference} \${sample.r1} | samtools sort -o out.bam -
    samtools index out.bam
  \`,
);
/** Counts what mapped. */
export const stats${n} = task((bam: File, _bai: File): Bam${n}["stats"] => ({ mapped: bam.name.length, rate${n}: 1 }));
/** One sample. */
export const sample${n} = task((sample: Sample${n}, reference: File<"fasta">) => {
  const trimmed = trim${n}({ ...sample, meta: { depth: 1, kind: "wgs", lane${n}: 2 } });
  const { bam, bai } = align${n}({ id: trimmed.id, r1: trimmed.r1, tags: trimmed.tags, meta: trimmed.meta }, reference);
  const stats = stats${n}(bam, bai);
  return { bam, bai, stats, enough: lift((mapped: number) => mapped > 10)(stats.mapped) };
});
/** All samples. */
export const cohort${n} = task((sheet: File, reference: File<"fasta">) => {
  const results = map(sheet${n}(sheet), (each) => sample${n}(each, reference));
  return { results, rates: map(results, (result) => result.stats.rate${n}), first: results[0]!.stats.mapped };
});
`;

const asFunctions = (n: number): string => `${types(n)}
/** Reads a sheet. */
export const sheet${n} = async (sheet: File): Promise<Sample${n}[]> => JSON.parse(await sheet.text()) as Sample${n}[];
/** Trims reads. */
export const trim${n} = async (sample: Sample${n}): Promise<Sample${n}> => ({ ...sample, tags: [...sample.tags, "trimmed"] });
/** Aligns reads. */
export const align${n} = async (sample: Sample${n}, reference: File<"fasta">) => {
  await run(\`
    bwa mem -t $LIGASE_CPU -R \${sample.id} \${reference.path} \${sample.r1.path} | samtools sort -o out.bam -
    samtools index out.bam
  \`);
  return { bam: new File("out.bam"), bai: new File("out.bam.bai") };
};
/** Counts what mapped. */
export const stats${n} = async (bam: File, _bai: File): Promise<Bam${n}["stats"]> => ({ mapped: bam.name.length, rate${n}: 1 });
/** One sample. */
export const sample${n} = async (sample: Sample${n}, reference: File<"fasta">) => {
  const trimmed = await trim${n}({ ...sample, meta: { depth: 1, kind: "wgs", lane${n}: 2 } });
  const { bam, bai } = await align${n}({ id: trimmed.id, r1: trimmed.r1, tags: trimmed.tags, meta: trimmed.meta }, reference);
  const stats = await stats${n}(bam, bai);
  return { bam, bai, stats, enough: ((mapped: number) => mapped > 10)(stats.mapped) };
};
/** All samples. */
export const cohort${n} = async (sheet: File, reference: File<"fasta">) => {
  const results = await Promise.all((await sheet${n}(sheet)).map((each) => sample${n}(each, reference)));
  return { results, rates: results.map((result) => result.stats.rate${n}), first: results[0]!.stats.mapped };
};
`;

const IMPORTS = 'import { File, lift, map, script, task } from "ligase";\n';

/** The versions, each as the text of a module. */
export const VERSIONS = {
  /** What both have in common: the imports. It is subtracted from the others. */
  imports: (): string => `${IMPORTS}export { File, lift, map, script, task };\n`,
  functions: (groups: number): string =>
    `import { File } from "ligase";\ndeclare function run(script: string): Promise<void>;\n${text(groups, asFunctions)}`,
  tasks: (groups: number): string => IMPORTS + text(groups, asTasks),
} as const;

function text(groups: number, group: (n: number) => string): string {
  return Array.from({ length: groups }, (_, n) => group(n)).join("");
}
