/**
 * Ways in which tools fail, with what they said: captured from the tools themselves (Debian 12: samtools 1.16.1,
 * bcftools 1.16, bwa 0.7.17, fastp 0.23.2, gzip 1.12, curl 7.88.1, wget 1.21.3, Python 3.11, R 4.2.2, Perl 5.36,
 * OpenJDK 17, bash 5.2). `test/integration` runs them again.
 *
 * @module
 */

/** One failure of a tool. */
export interface ToolFailure {
  /** The program that must be there to see it again; none where the message cannot be had here. */
  readonly program?: string;
  /** A line of bash, in the folder that {@link FIXTURES} makes. */
  readonly command: string;
  readonly status: number;
  readonly stderr: string;
  /** The cause that must be found first. */
  readonly kind: string;
  /** A part of what must be said. */
  readonly says: string;
}

/** Makes the files that the commands read, from a reference `ref.fa` and alignments to it, `reads.sam`, of sequence 17. */
export const FIXTURES = String.raw`
  samtools sort -o a.bam reads.sam && samtools index a.bam && cp a.bam noindex.bam
  samtools sort -n -o byname.bam a.bam
  head -c 5000 a.bam > cut.bam
  : > empty.bam; : > empty.fq; : > empty.vcf
  samtools faidx ref.fa && sed 's/^>.*/>chr17/' ref.fa > chr.fa && samtools faidx chr.fa
  bwa index ref.fa
  cp ref.fa unindexed.fa
  bcftools mpileup -f ref.fa a.bam | bcftools call -mv -Oz -o v.vcf.gz && bcftools index -t v.vcf.gz
  cp v.vcf.gz noindex.vcf.gz; head -c 1000 v.vcf.gz > cut.vcf.gz
  gzip -dc v.vcf.gz > v.vcf; gzip -c v.vcf > plain.vcf.gz
  gzip -c reads.sam | head -c 2000 > cut.gz
  gzip -c reads.sam > damaged.gz; printf XXXX | dd of=damaged.gz bs=1 seek=3000 conv=notrunc
  samtools view -h a.bam | grep -v '^@RG' | sed 's/\tRG:Z:[^\t]*//' | samtools view -b -o norg.bam
  read=ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT; quality=IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII
  printf "@r1/1\n$read\n+\n$quality\n" > one.fq; printf "@r2/2\n$read\n+\n$quality\n" > other.fq
  printf '@r1\nACGT\n+\nIII\n' > bad.fq
  printf '#!/bin/bash\r\necho hi\r\n' > crlf-first.sh; chmod +x crlf-first.sh
  printf 'ls\r\nfor i in 1 2; do\r\n echo $i\r\ndone\r\n' > crlf.sh
  printf '#!/usr/bin/env python3\r\nprint(1)\r\n' > crlf.py; chmod +x crlf.py
  echo 'echo hi' > plain.sh
`;

const PYTHON_TRACE = `Traceback (most recent call last):
  File "<string>", line 1, in <module>
`;

/** Each with the cause that must be found in it. */
export const TOOL_FAILURES: readonly ToolFailure[] = [
  // Programs, modules, rights.
  {
    program: "bash",
    command: "nosuchtool x",
    status: 127,
    stderr: "bash: line 1: nosuchtool: command not found",
    kind: "missing-tool",
    says: "no program nosuchtool",
  },
  {
    program: "bash",
    command: "samtols view",
    status: 127,
    stderr: "bash: line 1: samtols: command not found",
    kind: "missing-tool",
    says: "was samtools meant?",
  },
  {
    program: "sh",
    command: "sh -c 'nosuchtool x'",
    status: 127,
    stderr: "sh: 1: nosuchtool: not found",
    kind: "missing-tool",
    says: "no program nosuchtool",
  },
  {
    program: "env",
    command: "env nosuchtool",
    status: 127,
    stderr: "env: ‘nosuchtool’: No such file or directory",
    kind: "missing-tool",
    says: "no program nosuchtool",
  },
  {
    program: "xargs",
    command: "xargs nosuchtool < /dev/null",
    status: 127,
    stderr: "xargs: nosuchtool: No such file or directory",
    kind: "missing-tool",
    says: "no program nosuchtool",
  },
  {
    program: "bash",
    command: "./scripts/trim.sh",
    status: 127,
    stderr: "bash: line 1: ./scripts/trim.sh: No such file or directory",
    kind: "missing-script",
    says: "no trim.sh",
  },
  {
    program: "python3",
    command: "python3 nofile.py",
    status: 2,
    stderr: "python3: can't open file '/w/nofile.py': [Errno 2] No such file or directory",
    kind: "missing-script",
    says: "no nofile.py",
  },
  {
    program: "perl",
    command: "perl nofile.pl",
    status: 2,
    stderr: `Can't open perl script "nofile.pl": No such file or directory`,
    kind: "missing-script",
    says: "no nofile.pl",
  },
  {
    command: "java -jar picard.jar",
    status: 1,
    stderr: "Error: Unable to access jarfile picard.jar",
    kind: "missing-script",
    says: "no picard.jar",
  },
  {
    program: "bash",
    command: "./plain.sh",
    status: 126,
    stderr: "bash: line 1: ./plain.sh: Permission denied",
    kind: "permission",
    says: "./plain.sh may not be executed",
  },
  {
    command: "cat secret.txt",
    status: 1,
    stderr: "cat: secret.txt: Permission denied",
    kind: "permission",
    says: "secret.txt may not be read or written",
  },
  {
    program: "python3",
    command: "python3 -c 'import nosuch.mod'",
    status: 1,
    stderr: `${PYTHON_TRACE}ModuleNotFoundError: No module named 'nosuch'`,
    kind: "missing-module",
    says: "Python has no module nosuch",
  },
  {
    program: "Rscript",
    command: "Rscript -e 'library(NoSuch2)'",
    status: 1,
    stderr: "Error in library(NoSuch2) : there is no package called ‘NoSuch2’\nExecution halted",
    kind: "missing-module",
    says: "R has no package NoSuch2",
  },
  {
    program: "Rscript",
    command: "Rscript -e 'NoSuch2::results(1)'",
    status: 1,
    stderr:
      "Error in loadNamespace(x) : there is no package called ‘NoSuch2’\nCalls: loadNamespace -> withRestarts -> withOneRestart -> doWithOneRestart\nExecution halted",
    kind: "missing-module",
    says: "R has no package NoSuch2",
  },
  {
    program: "perl",
    command: "perl -e 'use Nosuch::Module;'",
    status: 2,
    stderr:
      "Can't locate Nosuch/Module.pm in @INC (you may need to install the Nosuch::Module module) (@INC contains: /etc/perl) at -e line 1.\nBEGIN failed--compilation aborted at -e line 1.",
    kind: "missing-module",
    says: "Perl has no module Nosuch::Module",
  },
  {
    program: "node",
    command: `node -e 'require("nosuch")'`,
    status: 1,
    stderr:
      "node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\nError: Cannot find module 'nosuch'\nRequire stack:\n- /w/[eval]",
    kind: "missing-module",
    says: "Node has no package nosuch",
  },
  {
    command: "java Nothere",
    status: 1,
    stderr: "Error: Could not find or load main class Nothere\nCaused by: java.lang.ClassNotFoundException: Nothere",
    kind: "missing-module",
    says: "Java has no class Nothere",
  },
  // Memory, disk, handles.
  {
    program: "python3",
    command: "ulimit -v 200000; python3 -c 'x = bytearray(10**9)'",
    status: 1,
    stderr: `${PYTHON_TRACE}MemoryError`,
    kind: "memory",
    says: "ran out of memory",
  },
  {
    program: "Rscript",
    command: "Rscript -e 'x <- numeric(1e13)'",
    status: 1,
    stderr: "Error: cannot allocate vector of size 74505.8 Gb\nExecution halted",
    kind: "memory",
    says: "ran out of memory",
  },
  {
    program: "samtools",
    command: "ulimit -v 60000; samtools sort -m 1G a.bam -o x.bam",
    status: 1,
    stderr: "samtools sort: couldn't allocate memory for bam_mem",
    kind: "memory",
    says: "ran out of memory",
  },
  {
    command: "./aligner",
    status: 134,
    stderr: "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc",
    kind: "memory",
    says: "ran out of memory",
  },
  {
    command: "java -Xmx64m -jar tool.jar",
    status: 1,
    stderr: 'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat H.main(H.java:1)',
    kind: "memory",
    says: "the heap of Java was full",
  },
  {
    program: "bash",
    command: "bash -c 'kill -9 $$'",
    status: 137,
    stderr: "",
    kind: "killed",
    says: "killed from outside",
  },
  {
    program: "python3",
    command: `(python3 -c 'import os; os.kill(os.getpid(), 9)'; exit 3)`,
    status: 3,
    stderr: "bash: line 1: 29230 Killed                  python3 -c 'import os; os.kill(os.getpid(), 9)'",
    kind: "killed",
    says: "python3 was killed from outside",
  },
  {
    program: "head",
    command: "head -c 10M /dev/zero > /dev/full",
    status: 1,
    stderr: "head: error writing 'standard output': No space left on device",
    kind: "disk-full",
    says: "the disk is full",
  },
  {
    program: "python3",
    command: `ulimit -n 10; python3 -c 'fs = [open("ref.fa") for i in range(50)]'`,
    status: 1,
    stderr: `${PYTHON_TRACE}OSError: [Errno 24] Too many open files: 'ref.fa'`,
    kind: "open-files",
    says: "more files at once",
  },
  // Windows.
  {
    program: "bash",
    command: "bash crlf.sh",
    status: 2,
    stderr:
      "crlf.sh: line 1: $'ls\\r': command not found\ncrlf.sh: line 2: syntax error near unexpected token `$'do\\r''\ncrlf.sh: line 2: `for i in 1 2; do\r'",
    kind: "line-ends",
    says: "Windows line ends: ls ends in \\r",
  },
  {
    program: "bash",
    command: "./crlf-first.sh",
    status: 127,
    stderr: "bash: line 1: ./crlf-first.sh: cannot execute: required file not found",
    kind: "missing-interpreter",
    says: "crlf-first.sh",
  },
  {
    program: "python3",
    command: "./crlf.py",
    status: 127,
    stderr:
      "/usr/bin/env: ‘python3\\r’: No such file or directory\n/usr/bin/env: use -[v]S to pass options in shebang lines",
    kind: "line-ends",
    says: "python3 ends in \\r",
  },
  {
    program: "cat",
    command: "cat $'reads.fq\\r'",
    status: 1,
    stderr: "cat: 'reads.fq'$'\\r': No such file or directory",
    kind: "line-ends",
    says: "Windows line ends",
  },
  {
    program: "samtools",
    command: "samtools view $'x.bam\\r'",
    status: 1,
    stderr:
      '[E::hts_open_format] Failed to open file "x.bam\r" : No such file or directory\nsamtools view: failed to open "x.bam\r" for reading: No such file or directory',
    kind: "line-ends",
    says: "Windows line ends",
  },
  // The network.
  {
    program: "curl",
    command: "curl -sS http://nosuch.invalid/x",
    status: 6,
    stderr: "curl: (6) Could not resolve host: nosuch.invalid",
    kind: "network",
    says: "the name of the server is not known here",
  },
  {
    program: "curl",
    command: "curl -sS http://127.0.0.1:1/x",
    status: 7,
    stderr: "curl: (7) Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
    kind: "network",
    says: "cannot be reached",
  },
  {
    command: "curl -fsS http://127.0.0.1:18999/404",
    status: 22,
    stderr: "curl: (22) The requested URL returned error: 404",
    kind: "network",
    says: "refused the request: The requested URL returned error: 404",
  },
  {
    command: "curl -sS -m 1 http://127.0.0.1:18999/wait",
    status: 28,
    stderr: "curl: (28) Operation timed out after 1001 milliseconds with 0 bytes received",
    kind: "network",
    says: "took too long",
  },
  {
    command: "curl -sS http://127.0.0.1:18999/short",
    status: 18,
    stderr: "curl: (18) transfer closed with 7 bytes remaining to read",
    kind: "network",
    says: "broke off",
  },
  {
    program: "wget",
    command: "wget --tries=1 http://nosuch.invalid/x",
    status: 4,
    stderr:
      "--2026-11-21 13:52:38--  http://nosuch.invalid/x\nResolving nosuch.invalid (nosuch.invalid)... failed: Name or service not known.\nwget: unable to resolve host address ‘nosuch.invalid’",
    kind: "network",
    says: "name of the server",
  },
  {
    program: "wget",
    command: "wget --tries=1 http://127.0.0.1:1/x",
    status: 4,
    stderr: "--2026-11-21 13:52:38--  http://127.0.0.1:1/x\nConnecting to 127.0.0.1:1... failed: Connection refused.",
    kind: "network",
    says: "could not be reached",
  },
  {
    command: "wget --tries=1 http://127.0.0.1:18999/404",
    status: 8,
    stderr: "HTTP request sent, awaiting response... 404 Not Found\n2026-11-21 13:52:38 ERROR 404: Not Found.",
    kind: "network",
    says: "refused the request: 404 Not Found.",
  },
  {
    program: "python3",
    command: `python3 -c 'import urllib.request; urllib.request.urlopen("http://nosuch.invalid")'`,
    status: 1,
    stderr: `${PYTHON_TRACE}urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>`,
    kind: "network",
    says: "name of the server",
  },
  {
    program: "node",
    command: `node -e 'fetch("http://nosuch.invalid").catch((e) => { throw e.cause })'`,
    status: 1,
    stderr:
      "Error: getaddrinfo ENOTFOUND nosuch.invalid\n    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26)",
    kind: "network",
    says: "name of the server",
  },
  // Damaged files.
  {
    program: "samtools",
    command: "samtools view cut.bam",
    status: 1,
    stderr:
      '[W::bam_hdr_read] EOF marker is absent. The input is probably truncated\n[E::bgzf_read_block] Failed to read BGZF block data at offset 4683 expected 19813 bytes; hread returned 299\n[E::bgzf_read] Read block operation failed with error 4 after 0 of 4 bytes\nsamtools view: error reading file "cut.bam"\nsamtools view: error closing "cut.bam": -1',
    kind: "truncated",
    says: "cut.bam is cut off",
  },
  {
    program: "samtools",
    command: "samtools quickcheck -v cut.bam",
    status: 16,
    stderr: "cut.bam was missing EOF block when one should be present.",
    kind: "truncated",
    says: "is cut off",
  },
  {
    program: "bcftools",
    command: "bcftools view cut.vcf.gz",
    status: 255,
    stderr:
      "[W::bcf_sr_add_reader] No BGZF EOF marker; file 'cut.vcf.gz' may be truncated\n[E::bgzf_read_block] Failed to read BGZF block data at offset 937 expected 630 bytes; hread returned 45\nError: no BGZF EOF marker; file may be truncated",
    kind: "truncated",
    says: "cut.vcf.gz is cut off",
  },
  {
    program: "gzip",
    command: "gzip -dc cut.gz > /dev/null",
    status: 1,
    stderr: "\ngzip: cut.gz: unexpected end of file",
    kind: "truncated",
    says: "cut.gz is cut off",
  },
  {
    program: "gzip",
    command: "gzip -dc damaged.gz > /dev/null",
    status: 1,
    stderr:
      "\ngzip: damaged.gz: invalid compressed data--crc error\n\ngzip: damaged.gz: invalid compressed data--length error",
    kind: "truncated",
    says: "damaged.gz is cut off or damaged",
  },
  {
    program: "python3",
    command: `python3 -c 'import gzip; gzip.open("cut.gz").read()'`,
    status: 1,
    stderr: `${PYTHON_TRACE}EOFError: Compressed file ended before the end-of-stream marker was reached`,
    kind: "truncated",
    says: "is cut off",
  },
  {
    program: "node",
    command: `node -e 'require("zlib").gunzipSync(require("fs").readFileSync("cut.gz"))'`,
    status: 1,
    stderr:
      "      throw self[kError];\nError: unexpected end of file\n    at genericNodeError (node:internal/errors:984:15)",
    kind: "truncated",
    says: "is cut off",
  },
  {
    program: "gzip",
    command: "gzip -dc ref.fa",
    status: 1,
    stderr: "\ngzip: ref.fa: not in gzip format",
    kind: "not-gzip",
    says: "ref.fa is not compressed with gzip",
  },
  {
    program: "tabix",
    command: "tabix -p vcf plain.vcf.gz",
    status: 1,
    stderr: "[tabix] the compression of 'plain.vcf.gz' is not BGZF",
    kind: "not-bgzf",
    says: "plain.vcf.gz is not compressed with bgzip",
  },
  {
    program: "bcftools",
    command: "bcftools index v.vcf",
    status: 255,
    stderr: "index: the file is not BGZF compressed, cannot index: v.vcf",
    kind: "not-bgzf",
    says: "v.vcf is not compressed with bgzip",
  },
  {
    program: "bcftools",
    command: "bcftools merge v.vcf v.vcf",
    status: 255,
    stderr: "Failed to open v.vcf: not compressed with bgzip",
    kind: "not-bgzf",
    says: "v.vcf is not compressed with bgzip",
  },
  {
    program: "fastp",
    command: "fastp -i bad.fq -o o.fq",
    status: 255,
    stderr:
      "ERROR: sequence and quality have different length:\n@r1\nACGT\n+\nIII\nDetecting adapter sequence for read1...",
    kind: "bad-fastq",
    says: "differ in length",
  },
  {
    program: "bwa",
    command: "bwa mem ref.fa one.fq other.fq",
    status: 1,
    stderr:
      '[M::mem_pestat] skip orientation RR as there are not enough pairs\n[mem_sam_pe] paired reads have different names: "r1", "r2"\n',
    kind: "unpaired-reads",
    says: "r1 meets r2",
  },
  // Indices.
  {
    program: "samtools",
    command: "samtools view noindex.bam 17:1-100",
    status: 1,
    stderr:
      "[E::idx_find_and_load] Could not retrieve index file for 'noindex.bam'\nsamtools view: Random alignment retrieval only works for indexed SAM.gz, BAM or CRAM files.",
    kind: "missing-index",
    says: "the index of noindex.bam",
  },
  {
    program: "bcftools",
    command: "bcftools view -r 17:1-100 noindex.vcf.gz",
    status: 255,
    stderr:
      "[E::idx_find_and_load] Could not retrieve index file for 'noindex.vcf.gz'\nFailed to read from noindex.vcf.gz: could not load index",
    kind: "missing-index",
    says: "the index of noindex.vcf.gz",
  },
  {
    program: "tabix",
    command: "tabix noindex.vcf.gz 17:1-100",
    status: 1,
    stderr:
      "[E::idx_find_and_load] Could not retrieve index file for 'noindex.vcf.gz'\nCould not load .tbi/.csi index of noindex.vcf.gz: No such file or directory",
    kind: "missing-index",
    says: "the index of noindex.vcf.gz",
  },
  {
    program: "bwa",
    command: "bwa mem unindexed.fa one.fq",
    status: 1,
    stderr: "[E::bwa_idx_load_from_disk] fail to locate the index files",
    kind: "missing-index",
    says: "the index of the reference",
  },
  // References.
  {
    program: "samtools",
    command: "samtools faidx ref.fa chr99",
    status: 1,
    stderr:
      "[W::fai_get_val] Reference chr99 not found in FASTA file, returning empty sequence\n[faidx] Failed to fetch sequence in chr99",
    kind: "wrong-reference",
    says: "no sequence chr99",
  },
  {
    program: "samtools",
    command: "samtools depth -r chr17 a.bam",
    status: 1,
    stderr: 'samtools depth: cannot parse region "chr17"',
    kind: "wrong-reference",
    says: "no sequence chr17",
  },
  {
    program: "samtools",
    command: "samtools coverage -r chr17 a.bam",
    status: 1,
    stderr:
      'samtools coverage: Failed to parse region "chr17". Check the region format or region name presence in the file "a.bam"',
    kind: "wrong-reference",
    says: "no sequence chr17",
  },
  {
    program: "samtools",
    command: "samtools view a.bam chr17:1-100; false",
    status: 1,
    stderr: '[main_samview] region "chr17:1-100" specifies an invalid region or unknown reference. Continue anyway.',
    kind: "wrong-reference",
    says: "no sequence chr17",
  },
  {
    program: "bcftools",
    command: "bcftools mpileup -r chr17:1-100 -f ref.fa a.bam",
    status: 255,
    stderr: '[E::mpileup] the sequence "chr17" not found: a.bam',
    kind: "wrong-reference",
    says: "no sequence chr17",
  },
  {
    program: "bcftools",
    command: "bcftools norm -f chr.fa v.vcf.gz",
    status: 255,
    stderr: '[E::faidx_adjust_position] The sequence "17" was not found\nfaidx_fetch_seq failed at 17:302',
    kind: "wrong-reference",
    says: "no sequence 17",
  },
  // https://github.com/roland-rad-lab/MoCaSeq/issues/8
  {
    command: "gatk HaplotypeCaller …",
    status: 2,
    stderr:
      "A USER ERROR has occurred: Input files reference and reads have incompatible contigs: No overlapping contigs found.\n  reference contigs = [1, 2]",
    kind: "wrong-reference",
    says: "references of different sequences",
  },
  // Read groups and order.
  {
    program: "samtools",
    command: "samtools split norg.bam",
    status: 1,
    stderr: 'Read "ERR013140.3521432" has no RG tag.',
    kind: "read-group",
    says: "no read group",
  },
  {
    program: "bwa",
    command: String.raw`bwa mem -R 'RG\tID:x' ref.fa one.fq`,
    status: 1,
    stderr: "[E::bwa_set_rg] the read group line is not started with @RG",
    kind: "read-group",
    says: "no read group",
  },
  {
    program: "bwa",
    command: String.raw`bwa mem -R '@RG\tSM:x' ref.fa one.fq`,
    status: 1,
    stderr: "[E::bwa_set_rg] no ID within the read group line",
    kind: "read-group",
    says: "no read group",
  },
  {
    program: "samtools",
    command: "samtools index byname.bam",
    status: 1,
    stderr:
      "[E::hts_idx_push] Unsorted positions on sequence #1: 1476 followed by 1154\n[E::sam_index] Read 'ERR013140.1880433' with ref_name='17', ref_length=4200, flags=163, pos=1154 cannot be indexed\nsamtools index: failed to create index for \"byname.bam\"",
    kind: "unsorted",
    says: "not sorted",
  },
  {
    program: "samtools",
    command: "samtools markdup a.bam x.bam",
    status: 1,
    stderr:
      "[markdup] error: no MC tag. Please run samtools fixmate on file first.\n[markdup] error: unable to assign pair hash key.",
    kind: "mate-tags",
    says: "fixmate",
  },
  // How tools are called.
  {
    program: "bash",
    command: "set -u; echo $FOO",
    status: 1,
    stderr: "bash: line 1: FOO: unbound variable",
    kind: "unset-variable",
    says: "$FOO, which is not set",
  },
  {
    program: "samtools",
    command: "samtools view --nosuchoption a.bam",
    status: 1,
    stderr:
      "samtools view: unrecognised option '--nosuchoption'\n\nUsage: samtools view [options] <in.bam>|<in.sam>|<in.cram> [region ...]",
    kind: "wrong-option",
    says: "no option --nosuchoption",
  },
  {
    program: "bwa",
    command: "bwa mem --nosuch ref.fa",
    status: 1,
    stderr: "mem: invalid option -- '-'",
    kind: "wrong-option",
    says: "no option",
  },
  {
    program: "samtools",
    command: "samtools view nothere.bam",
    status: 1,
    stderr:
      '[E::hts_open_format] Failed to open file "nothere.bam" : No such file or directory\nsamtools view: failed to open "nothere.bam" for reading: No such file or directory',
    kind: "missing-file",
    says: "no file nothere.bam",
  },
  {
    program: "bwa",
    command: "bwa mem ref.fa nothere.fq",
    status: 1,
    stderr: "[M::bwa_idx_load_from_disk] read 0 ALT contigs\n[E::main_mem] fail to open file `nothere.fq'.",
    kind: "missing-file",
    says: "no file nothere.fq",
  },
  {
    program: "fastp",
    command: "fastp -i nothere.fq -o o.fq",
    status: 255,
    stderr: "ERROR: Failed to open file: nothere.fq",
    kind: "missing-file",
    says: "no file nothere.fq",
  },
  {
    program: "bash",
    command: "set -euo pipefail; yes | head -1",
    status: 141,
    stderr: "",
    kind: "pipe-closed",
    says: "141",
  },
  { program: "timeout", command: "timeout 1 sleep 5", status: 124, stderr: "", kind: "timeout", says: "124" },
  {
    program: "grep",
    command: "set -euo pipefail; grep nothere ref.fa | wc -l",
    status: 1,
    stderr: "",
    kind: "no-match",
    says: "no line matches",
  },
  { program: "bash", command: "bash -c 'kill -SEGV $$'", status: 139, stderr: "", kind: "crash", says: "SIGSEGV" },
];
