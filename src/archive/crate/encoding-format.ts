/** Media types by the end of a name. Formats of the field have none of their own: they are text, gzip (BAM and BCF too), or bytes. */
const FORMATS: readonly (readonly [end: RegExp, format: string])[] = [
  [/\.(?:m?ts|tsx)$/i, "text/x-typescript"],
  [/\.(?:m?js|jsx)$/i, "text/javascript"],
  [/\.json$/i, "application/json"],
  [/\.csv$/i, "text/csv"],
  [/\.tsv$/i, "text/tab-separated-values"],
  [/\.md$/i, "text/markdown"],
  [/\.html?$/i, "text/html"],
  [/\.svg$/i, "image/svg+xml"],
  [/\.png$/i, "image/png"],
  [/\.jpe?g$/i, "image/jpeg"],
  [/\.pdf$/i, "application/pdf"],
  [/\.ya?ml$/i, "application/yaml"],
  [/\.(?:bam|bcf|gz)$/i, "application/gzip"],
  [/\.zip$/i, "application/zip"],
  [/\.(?:bed|fai|fasta|fastq|fq|fa|gff3?|gtf|log|sam|txt|vcf)$/i, "text/plain"],
];

/** What a file holds, by its name: a media type. */
export function encodingFormat(name: string): string {
  return FORMATS.find(([end]) => end.test(name))?.[1] ?? "application/octet-stream";
}
