/** How the authors of a tool ask to be cited. */
export interface Citation {
  /** What the tool is called in text. */
  readonly tool: string;
  /** In the text: `Li and Durbin 2009`. */
  readonly mark: string;
  /** In the list of references. */
  readonly reference: string;
}

const cite = (tool: string, mark: string, reference: string): Citation => ({ tool, mark, reference });

const SAMTOOLS =
  "Danecek P, Bonfield JK, Liddle J, et al. Twelve years of SAMtools and BCFtools. GigaScience 10(2): giab008 (2021). doi:10.1093/gigascience/giab008";
const HTSLIB =
  "Bonfield JK, Marshall J, Danecek P, et al. HTSlib: C library for reading/writing high-throughput sequencing data. GigaScience 10(2): giab007 (2021). doi:10.1093/gigascience/giab007";
const BLAST = cite(
  "BLAST+",
  "Camacho et al. 2009",
  "Camacho C, Coulouris G, Avagyan V, et al. BLAST+: architecture and applications. BMC Bioinformatics 10: 421 (2009). doi:10.1186/1471-2105-10-421",
);
const BOWTIE2 = cite(
  "Bowtie 2",
  "Langmead and Salzberg 2012",
  "Langmead B, Salzberg SL. Fast gapped-read alignment with Bowtie 2. Nature Methods 9: 357-359 (2012). doi:10.1038/nmeth.1923",
);
const HISAT2 = cite(
  "HISAT2",
  "Kim et al. 2019",
  "Kim D, Paggi JM, Park C, Bennett C, Salzberg SL. Graph-based genome alignment and genotyping with HISAT2 and HISAT-genotype. Nature Biotechnology 37: 907-915 (2019). doi:10.1038/s41587-019-0201-4",
);
const HMMER = cite(
  "HMMER",
  "Eddy 2011",
  "Eddy SR. Accelerated profile HMM searches. PLoS Computational Biology 7(10): e1002195 (2011). doi:10.1371/journal.pcbi.1002195",
);
const IQTREE = cite(
  "IQ-TREE 2",
  "Minh et al. 2020",
  "Minh BQ, Schmidt HA, Chernomor O, et al. IQ-TREE 2: new models and efficient methods for phylogenetic inference in the genomic era. Molecular Biology and Evolution 37(5): 1530-1534 (2020). doi:10.1093/molbev/msaa015",
);
const R = cite(
  "R",
  "R Core Team",
  "R Core Team. R: A language and environment for statistical computing. R Foundation for Statistical Computing, Vienna, Austria. https://www.R-project.org/",
);

/** The command of each well-known tool, and the paper that its authors name. */
const CITATIONS: Readonly<Record<string, Citation>> = {
  // Nothing inherited: a tool may be called `constructor`.
  __proto__: null as never,
  Rscript: R,
  R,
  bcftools: cite("bcftools", "Danecek et al. 2021", SAMTOOLS),
  bedtools: cite(
    "bedtools",
    "Quinlan and Hall 2010",
    "Quinlan AR, Hall IM. BEDTools: a flexible suite of utilities for comparing genomic features. Bioinformatics 26(6): 841-842 (2010). doi:10.1093/bioinformatics/btq033",
  ),
  bgzip: cite("bgzip (HTSlib)", "Bonfield et al. 2021", HTSLIB),
  blastn: BLAST,
  blastp: BLAST,
  blastx: BLAST,
  bowtie2: BOWTIE2,
  "bowtie2-build": BOWTIE2,
  bwa: cite(
    "BWA",
    "Li and Durbin 2009",
    "Li H, Durbin R. Fast and accurate short read alignment with Burrows-Wheeler transform. Bioinformatics 25(14): 1754-1760 (2009). doi:10.1093/bioinformatics/btp324",
  ),
  cutadapt: cite(
    "Cutadapt",
    "Martin 2011",
    "Martin M. Cutadapt removes adapter sequences from high-throughput sequencing reads. EMBnet.journal 17(1): 10-12 (2011). doi:10.14806/ej.17.1.200",
  ),
  diamond: cite(
    "DIAMOND",
    "Buchfink et al. 2021",
    "Buchfink B, Reuter K, Drost HG. Sensitive protein alignments at tree-of-life scale using DIAMOND. Nature Methods 18: 366-368 (2021). doi:10.1038/s41592-021-01101-x",
  ),
  fastp: cite(
    "fastp",
    "Chen et al. 2018",
    "Chen S, Zhou Y, Chen Y, Gu J. fastp: an ultra-fast all-in-one FASTQ preprocessor. Bioinformatics 34(17): i884-i890 (2018). doi:10.1093/bioinformatics/bty560",
  ),
  featureCounts: cite(
    "featureCounts",
    "Liao et al. 2014",
    "Liao Y, Smyth GK, Shi W. featureCounts: an efficient general purpose program for assigning sequence reads to genomic features. Bioinformatics 30(7): 923-930 (2014). doi:10.1093/bioinformatics/btt656",
  ),
  freebayes: cite(
    "freebayes",
    "Garrison and Marth 2012",
    "Garrison E, Marth G. Haplotype-based variant detection from short-read sequencing. arXiv:1207.3907 (2012)",
  ),
  gatk: cite(
    "GATK",
    "McKenna et al. 2010",
    "McKenna A, Hanna M, Banks E, et al. The Genome Analysis Toolkit: a MapReduce framework for analyzing next-generation DNA sequencing data. Genome Research 20(9): 1297-1303 (2010). doi:10.1101/gr.107524.110",
  ),
  hisat2: HISAT2,
  "hisat2-build": HISAT2,
  hmmscan: HMMER,
  hmmsearch: HMMER,
  iqtree2: IQTREE,
  kallisto: cite(
    "kallisto",
    "Bray et al. 2016",
    "Bray NL, Pimentel H, Melsted P, Pachter L. Near-optimal probabilistic RNA-seq quantification. Nature Biotechnology 34: 525-527 (2016). doi:10.1038/nbt.3519",
  ),
  kraken2: cite(
    "Kraken 2",
    "Wood et al. 2019",
    "Wood DE, Lu J, Langmead B. Improved metagenomic analysis with Kraken 2. Genome Biology 20: 257 (2019). doi:10.1186/s13059-019-1891-0",
  ),
  mafft: cite(
    "MAFFT",
    "Katoh and Standley 2013",
    "Katoh K, Standley DM. MAFFT multiple sequence alignment software version 7: improvements in performance and usability. Molecular Biology and Evolution 30(4): 772-780 (2013). doi:10.1093/molbev/mst010",
  ),
  minimap2: cite(
    "minimap2",
    "Li 2018",
    "Li H. Minimap2: pairwise alignment for nucleotide sequences. Bioinformatics 34(18): 3094-3100 (2018). doi:10.1093/bioinformatics/bty191",
  ),
  multiqc: cite(
    "MultiQC",
    "Ewels et al. 2016",
    "Ewels P, Magnusson M, Lundin S, Käller M. MultiQC: summarize analysis results for multiple tools and samples in a single report. Bioinformatics 32(19): 3047-3048 (2016). doi:10.1093/bioinformatics/btw354",
  ),
  prokka: cite(
    "Prokka",
    "Seemann 2014",
    "Seemann T. Prokka: rapid prokaryotic genome annotation. Bioinformatics 30(14): 2068-2069 (2014). doi:10.1093/bioinformatics/btu153",
  ),
  salmon: cite(
    "Salmon",
    "Patro et al. 2017",
    "Patro R, Duggal G, Love MI, Irizarry RA, Kingsford C. Salmon provides fast and bias-aware quantification of transcript expression. Nature Methods 14: 417-419 (2017). doi:10.1038/nmeth.4197",
  ),
  samtools: cite("SAMtools", "Danecek et al. 2021", SAMTOOLS),
  seqkit: cite(
    "SeqKit",
    "Shen et al. 2016",
    "Shen W, Le S, Li Y, Hu F. SeqKit: a cross-platform and ultrafast toolkit for FASTA/Q file manipulation. PLoS ONE 11(10): e0163962 (2016). doi:10.1371/journal.pone.0163962",
  ),
  "spades.py": cite(
    "SPAdes",
    "Bankevich et al. 2012",
    "Bankevich A, Nurk S, Antipov D, et al. SPAdes: a new genome assembly algorithm and its applications to single-cell sequencing. Journal of Computational Biology 19(5): 455-477 (2012). doi:10.1089/cmb.2012.0021",
  ),
  STAR: cite(
    "STAR",
    "Dobin et al. 2013",
    "Dobin A, Davis CA, Schlesinger F, et al. STAR: ultrafast universal RNA-seq aligner. Bioinformatics 29(1): 15-21 (2013). doi:10.1093/bioinformatics/bts635",
  ),
  tabix: cite(
    "tabix",
    "Li 2011",
    "Li H. Tabix: fast retrieval of sequence features from generic TAB-delimited files. Bioinformatics 27(5): 718-719 (2011). doi:10.1093/bioinformatics/btq671",
  ),
  trimmomatic: cite(
    "Trimmomatic",
    "Bolger et al. 2014",
    "Bolger AM, Lohse M, Usadel B. Trimmomatic: a flexible trimmer for Illumina sequence data. Bioinformatics 30(15): 2114-2120 (2014). doi:10.1093/bioinformatics/btu170",
  ),
  vcftools: cite(
    "VCFtools",
    "Danecek et al. 2011",
    "Danecek P, Auton A, Abecasis G, et al. The variant call format and VCFtools. Bioinformatics 27(15): 2156-2158 (2011). doi:10.1093/bioinformatics/btr330",
  ),
};

/** How a tool is cited, by its command; nothing for one that is not well known here. */
export function citationOf(command: string): Citation | undefined {
  return CITATIONS[command];
}

/** Commands that every system has, and that no paper names. */
const EVERYDAY = new Set(
  "[ awk basename bash bunzip2 bzip2 cat chmod cmp comm cp csplit curl cut date dd df diff dirname du echo env expand expr false file find fold gawk grep egrep fgrep gunzip gzip head hostname join kill ln ls make mawk md5sum mkdir mkfifo mktemp mv nice nl nproc od paste pigz printf ps pwd readlink realpath rev rm rmdir sed seq sh sha256sum shasum shuf sleep sort split stat stdbuf tac tail tar tee test time timeout touch tr true truncate uname uniq unzip wc wget which whoami xargs xz xzcat yes zcat zgrep zip zstd".split(
    " ",
  ),
);

/** Is it a tool that a methods section names? */
export function isNamed(command: string): boolean {
  return !EVERYDAY.has(command);
}
