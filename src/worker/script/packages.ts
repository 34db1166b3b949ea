/** Debian's package of a program, where it has another name. All were looked up in Debian 12. */
const DEBIAN: Readonly<Record<string, string>> = {
  STAR: "rna-star",
  Rscript: "r-base-core",
  R: "r-base-core",
  bamCoverage: "python3-deeptools",
  bgzip: "tabix",
  blastn: "ncbi-blast+",
  blastp: "ncbi-blast+",
  "bowtie2-build": "bowtie2",
  diamond: "diamond-aligner",
  dot: "graphviz",
  "fasterq-dump": "sra-toolkit",
  featureCounts: "subread",
  gs: "ghostscript",
  "hisat2-build": "hisat2",
  hmmsearch: "hmmer",
  java: "default-jre-headless",
  macs2: "macs",
  makeblastdb: "ncbi-blast+",
  node: "nodejs",
  plink: "plink1.9",
  prefetch: "sra-toolkit",
  trim_galore: "trim-galore",
  velveth: "velvet",
  xz: "xz-utils",
};

/** Programs whose Debian package has their name. */
const SAME_NAME =
  `abyss-pe aria2c bamtools bc bcftools bedtools bowtie bowtie2 busco bustools bwa bzip2 canu centrifuge curl cutadapt
  datamash delly fastp fastqc fasttree filtlong flye freebayes g++ gawk gcc git gnuplot hisat2 iqtree ivar jq kallisto
  kraken kraken2 mafft make megahit minimap2 mosdepth multiqc muscle nanopolish pandoc parallel perl pigz porechop
  prodigal prokka python3 racon rsync salmon sambamba samtools seqkit seqtk snpeff sortmerna spades stringtie tabix
  trimmomatic unicycler unzip vcftools vt wget zstd`.split(/\s+/);

/** What conda calls a program, where it has another name. */
const CONDA: Readonly<Record<string, string>> = {
  Rscript: "r-base",
  STAR: "star",
  bgzip: "htslib",
  blastn: "blast",
  "fasterq-dump": "sra-tools",
  featureCounts: "subread",
  gatk: "gatk4",
  java: "openjdk",
  prefetch: "sra-tools",
  tabix: "htslib",
  trim_galore: "trim-galore",
};

/** The names of programs that are well known: what a mistyped one may have meant. */
export const KNOWN_TOOLS: readonly string[] = [...SAME_NAME, ...Object.keys(DEBIAN), ...Object.keys(CONDA)];

/** How a program is installed. */
export function installTool(tool: string): string {
  const debian = SAME_NAME.includes(tool) ? tool : DEBIAN[tool];
  const conda = `conda install -c conda-forge -c bioconda ${CONDA[tool] ?? tool}`;
  if (debian === undefined)
    return `install it (${conda}, or your system's packages), or give the task an image that has it`;
  return `apt-get install ${debian}, or ${conda}, or give the task an image: Image.debian("12").apt("${debian}")`;
}

/** How a program comes into an image. */
export function addTool(tool: string): string {
  const debian = SAME_NAME.includes(tool) ? tool : DEBIAN[tool];
  if (["bash", "sh"].includes(tool))
    return `scripts need a shell: add it to the image with .apt("${tool === "sh" ? "dash" : tool}")`;
  return debian === undefined
    ? `add it to the image with .apt(…), .conda("${CONDA[tool] ?? tool}"), .pip(…) or .run(…)`
    : `add it to the image: .apt("${debian}")`;
}

/** What pip calls a module that is imported by another name. */
const PIP: Readonly<Record<string, string>> = {
  Bio: "biopython",
  PIL: "pillow",
  cv2: "opencv-python",
  skimage: "scikit-image",
  sklearn: "scikit-learn",
  yaml: "pyyaml",
};

/** How a module of Python is installed: for the Python that the script calls. */
export function installModule(module: string): string {
  const top = module.split(".")[0]!;
  return `python3 -m pip install ${PIP[top] ?? top}, in the environment in which the job runs`;
}

/** How a module of Python comes into an image. */
export function addModule(module: string): string {
  const top = module.split(".")[0]!;
  return `add it to the image: .pip("${PIP[top] ?? top}")`;
}
