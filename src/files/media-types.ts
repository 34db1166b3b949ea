/** Media types, each with the ends of names that stand for it. */
const TYPES: Readonly<Record<string, string>> = {
  // Pictures, pages, documents.
  "image/svg+xml": "svg",
  "image/png": "png",
  "image/jpeg": "jpg jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/avif": "avif",
  "image/tiff": "tif tiff",
  "text/html": "html htm",
  "application/xhtml+xml": "xhtml",
  "application/pdf": "pdf",
  "text/css": "css",
  "text/javascript": "js mjs cjs",
  "application/wasm": "wasm",
  "audio/mpeg": "mp3",
  "audio/wav": "wav",
  "video/mp4": "mp4",
  "video/webm": "webm",
  // Tables, records, text.
  "application/json": "json ipynb",
  "application/jsonl": "jsonl ndjson",
  "text/csv": "csv",
  "text/tab-separated-values": "tsv",
  "application/xml": "xml",
  "application/yaml": "yaml yml",
  "text/markdown": "md",
  "application/vnd.apache.parquet": "parquet",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "application/x-hdf5": "h5 hdf5 h5ad loom",
  "text/plain": [
    "txt log out err tab nf smk r py ts sh toml ini dot newick nwk flagstat idxstats stats",
    // Of sequences, alignments, features, variants and structures those that are text.
    "fasta fa fna faa ffn fastq fq fai dict sam vcf bed bedgraph bdg wig gff gff3 gtf gb gbk genbank embl maf",
    "aln clustal sto phy hmm paf gfa mmcif pqr mol2 a3m",
  ].join(" "),
  "chemical/x-pdb": "pdb ent",
  "chemical/x-cif": "cif",
  "chemical/x-mdl-sdfile": "sdf",
  "chemical/x-mdl-molfile": "mol",
  "chemical/x-xyz": "xyz",
  // BAM and BCF are gzip too, in blocks; but nothing may decompress them on the way, so they are bytes.
  "application/octet-stream": "bam bai csi cram crai bcf tbi gzi 2bit bw bb npy npz",
  "application/gzip": "gz bgz tgz",
  "application/zstd": "zst",
  "application/x-bzip2": "bz2",
  "application/x-xz": "xz",
  "application/x-tar": "tar",
  "application/zip": "zip",
};

const BY_END: ReadonlyMap<string, string> = new Map(
  Object.entries(TYPES).flatMap(([type, ends]) => ends.split(" ").map((end): [string, string] => [end, type])),
);

/**
 * What a file holds, by its name: a media type.
 *
 * @example
 * ```ts
 * mediaTypeOf("plasmid.svg"); // "image/svg+xml"
 * mediaTypeOf("calls.vcf.gz"); // "application/gzip"
 * ```
 */
export function mediaTypeOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return (dot >= 0 && BY_END.get(name.slice(dot + 1).toLowerCase())) || "application/octet-stream";
}

const TOKEN = /[\w!#$&^.+-]+/.source;
const MEDIA_TYPE = new RegExp(
  String.raw`^${TOKEN}/${TOKEN}(?:\s*;\s*${TOKEN}=(?:${TOKEN}|"[\x20\x21\x23-\x5b\x5d-\x7e]*"))*$`,
);

/** Is this written as a media type: `image/png`, `text/plain; charset=utf-8`? */
export function isMediaType(text: string): boolean {
  return MEDIA_TYPE.test(text);
}

/** Would compressing a file of this name be in vain? */
export function isCompressed(name: string): boolean {
  return /\.(?:bam|bcf|bgz|bz2|cram|gif|gz|jpe?g|mp4|npz|parquet|png|tgz|webp|xlsx|xz|zip|zst)$/i.test(name);
}
