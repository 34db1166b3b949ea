import { nearest } from "../../kernel/index.ts";
import { DISK_FULL, NO_MEMORY } from "../../worker/script/diagnose.ts";
import { addModule, addTool, installModule, installTool, KNOWN_TOOLS } from "../../worker/script/packages.ts";
import { short } from "../short.ts";
import {
  damagedIn,
  describe,
  emptyInputs,
  first,
  inputIn,
  memoryText,
  moreMemory,
  nameOf,
  versionText,
} from "./say.ts";
import type { Evidence, Found, Rule } from "./types.ts";

const hasCode =
  (code: string) =>
  ({ error }: Evidence): boolean =>
    error.code === code;

/** Why a job was killed is known: it went beyond what it may use. */
const isHeld = ({ evidence }: Found): boolean =>
  ["LIGASE_E_OUT_OF_MEMORY", "LIGASE_E_DISK_FULL", "LIGASE_E_PROCESSES"].includes(evidence.error.code ?? "");

const isInImage = ({ evidence }: Found): boolean => Boolean(evidence.attempt?.image);

const isStatus =
  (status: number) =>
  ({ evidence }: Found): boolean =>
    evidence.exitCode === status;

/** Of curl's statuses those that a script meets: https://curl.se/libcurl/c/libcurl-errors.html */
const CURL: Readonly<Record<string, string>> = {
  5: "the name of the proxy is not known here",
  6: "the name of the server is not known here",
  7: "the server cannot be reached",
  18: "the download broke off",
  22: "the server refused the request",
  28: "the server took too long",
  35: "no secure connection to the server could be made",
  52: "the server hung up without an answer",
  56: "the connection broke off",
};

const tryAgain = (): string => "try again, or let the task do that by itself: retries: 3";

const orAskForNetwork = (found: Found): string =>
  isInImage(found)
    ? `in an image there is no network unless the task says network: true; else ${tryAgain()}`
    : tryAgain();

/**
 * Causes of failures, the surest first: what the machine lacks, then what is wrong with files, then what tools say of
 * their use. The messages were taken from the tools themselves (`test/unit/record/causes.test.ts` has them). A new cause
 * is a new row, and its message a row there.
 *
 * A pattern that begins with a word of any length says that nothing of it stands before, `(?<!\S)`: otherwise a line of
 * 500 letters would take 500 times 500 steps.
 */
export const RULES: readonly Rule[] = [
  {
    kind: "timeout",
    told: hasCode("LIGASE_E_TIMEOUT"),
    when: ({ evidence }) => evidence.error.code === "LIGASE_E_TIMEOUT",
    says: () => "it took longer than its timeout",
  },
  {
    kind: "timeout",
    when: isStatus(124),
    says: () => "status 124 is what timeout ends with: a command took longer than it was given",
  },
  // Memory.
  {
    kind: "memory",
    line: /java\.lang\.OutOfMemoryError: (?:Java heap space|GC overhead limit exceeded)/,
    says: ({ evidence }) => `the heap of Java was full, which has a limit of its own (-Xmx): ${memoryText(evidence)}`,
    mend: () => "give the task memory, and Java most of it: java -Xmx$((LIGASE_MEMORY * 8 / 10)) …",
  },
  {
    kind: "memory",
    told: hasCode("LIGASE_E_OUT_OF_MEMORY"),
    line: NO_MEMORY,
    says: ({ evidence }) => `it ran out of memory: ${memoryText(evidence)}`,
    mend: moreMemory,
  },
  {
    kind: "memory",
    told: hasCode("LIGASE_E_OUT_OF_MEMORY"),
    when: ({ evidence }) => evidence.error.code === "LIGASE_E_OUT_OF_MEMORY" || evidence.attempt?.outcome === "memory",
    says: ({ evidence }) => `it ran out of memory: ${memoryText(evidence)}`,
    mend: moreMemory,
  },
  {
    kind: "killed",
    line: /^.*: line \d+: +\d+ Killed +(\S+)/,
    when: (found) => !isHeld(found),
    says: ({ groups, evidence }) =>
      `${groups[0]} was killed from outside, most often by the kernel for want of memory: ${memoryText(evidence)}`,
    mend: moreMemory,
  },
  {
    kind: "killed",
    when: (found) => !isHeld(found) && (found.evidence.signal === "SIGKILL" || found.evidence.exitCode === 137),
    says: ({ evidence }) =>
      `it was killed from outside, most often by the kernel for want of memory: ${memoryText(evidence)}`,
    mend: moreMemory,
  },
  // The machine.
  {
    kind: "disk-full",
    told: hasCode("LIGASE_E_DISK_FULL"),
    line: DISK_FULL,
    says: () => "the disk is full",
    mend: () => "free some space (ligase du tells what takes it), and run again: what finished is kept",
  },
  {
    kind: "open-files",
    line: /Too many open files/,
    says: () => "it opened more files at once than it may",
    mend: () => "raise the limit in the script (ulimit -n 4096), or give the tool fewer files at a time",
  },
  {
    kind: "line-ends",
    line: /(?<!\S)(\S*?)\\r['’]|\r["'’`:]/,
    says: ({ groups, evidence: { carriageReturns } }) =>
      carriageReturns[0] === undefined
        ? `a script or sheet has Windows line ends: ${groups[0] ? `${groups[0].replace(/^[$'‘"]+/, "")} ends in ` : ""}\\r`
        : `argument ${carriageReturns[0]} ends in \\r: the sheet it came from has Windows line ends`,
    mend: () => "sed -i 's/\\r$//' the file, or take the \\r off where it is read: line.trimEnd()",
  },
  {
    kind: "line-ends",
    when: ({ evidence }) => evidence.carriageReturns.length > 0,
    says: ({ evidence }) =>
      `argument ${evidence.carriageReturns[0]} ends in \\r: the sheet it came from has Windows line ends`,
    mend: () => "sed -i 's/\\r$//' the sheet, or take the \\r off where it is read: line.trimEnd()",
  },
  {
    kind: "missing-interpreter",
    line: /(?<![^\s:])([^\s:]+): (?:cannot execute: required file not found|bad interpreter)/,
    says: ({ groups }) => `the first line of ${groups[0]} names a program that is not there`,
    mend: () => "call the program itself (python3 script.py); if the file has Windows line ends, sed -i 's/\\r$//' it",
  },
  {
    kind: "missing-tool",
    line: /(?:^|[\s:])([\w.+-]+): (?:command )?not found(?:\s|$)|env: ['‘]([^'’/\\]+)['’]: No such file|^xargs: ([\w.+-]+): No such file/,
    when: ({ evidence }) => evidence.exitCode === 127,
    says: (found) => {
      const near = nearest(first(found), KNOWN_TOOLS);
      const meant = near === undefined || KNOWN_TOOLS.includes(first(found)) ? "" : ` (was ${near} meant?)`;
      return `there is no program ${first(found)} where the job ran${meant}`;
    },
    mend: (found) => (isInImage(found) ? addTool(first(found)) : installTool(first(found))),
    told: ({ error }) => /there is no program/.test(error.message),
  },
  {
    kind: "missing-script",
    line: /(?<!\S)(\S*\/\S+): (?:No such file or directory|not found)|can't open file '([^']+)'|Can't open perl script "([^"]+)"|cannot open file '([^']+)'|Unable to access jarfile (\S+)/,
    when: (found) => found.evidence.exitCode === 127 || found.groups.slice(1).some((group) => group !== ""),
    says: (found) => `there is no ${nameOf(first(found))} where the script ran`,
    mend: (found) =>
      `a script runs in a folder of its own: put the file into a gap of it, \${new File("${nameOf(first(found))}")}`,
  },
  {
    kind: "permission",
    line: /(?:^|: )([^\s:]+): Permission denied|Permission denied: '([^']+)'|EACCES: permission denied, \w+ '([^']+)'/,
    says: (found) =>
      found.evidence.exitCode === 126
        ? `${first(found)} may not be executed`
        : `${first(found)} may not be read or written by ${found.evidence.attempt ? "the job" : "this user"}`,
    mend: (found) =>
      found.evidence.exitCode === 126
        ? `chmod +x ${nameOf(first(found))}, or call its interpreter: bash ${nameOf(first(found))}`
        : "inputs are read-only: write to a new file, and declare it as an output; otherwise see who owns the file (ls -l)",
  },
  {
    kind: "missing-module",
    line: /ModuleNotFoundError: No module named '([^']+)'|ImportError: No module named (\S+)/,
    says: (found) => `Python has no module ${first(found)}`,
    mend: (found) => (isInImage(found) ? addModule(first(found)) : installModule(first(found))),
  },
  {
    kind: "missing-module",
    line: /there is no package called [‘'"]([^’'"]+)[’'"]/,
    says: (found) => `R has no package ${first(found)}`,
    mend: (found) =>
      `Rscript -e 'install.packages("${first(found)}")', or of Bioconductor: Rscript -e 'BiocManager::install("${first(found)}")'`,
  },
  {
    kind: "missing-module",
    line: /\(you may need to install the (\S+) module\)/,
    says: (found) => `Perl has no module ${first(found)}`,
    mend: (found) =>
      `cpanm ${first(found)}, or apt-get install lib${first(found).toLowerCase().replaceAll("::", "-")}-perl`,
  },
  {
    kind: "missing-module",
    line: /Cannot find (?:module|package) '([^'/.][^']*)'/,
    says: (found) => `Node has no package ${first(found)}`,
    mend: (found) => `npm install ${first(found)}`,
  },
  {
    kind: "missing-module",
    line: /Could not find or load main class (\S+)/,
    says: (found) => `Java has no class ${first(found)}`,
    mend: () => "name the file that has it: java -jar tool.jar, or java -cp",
  },
  // The network.
  {
    kind: "network",
    line: /^curl: \((\d+)\) (.*)/,
    says: ({ groups: [status = "", text = ""] }) => `${CURL[status] ?? "the download failed"}: ${text}`,
    mend: ({ groups: [status, text = ""] }) =>
      status === "22" && / 4\d\d$/.test(text) ? "check the URL, and whether it needs a login" : tryAgain(),
  },
  {
    kind: "network",
    line: /ERROR (4\d\d): (.*)/,
    says: ({ groups: [status, text] }) => `the server refused the request: ${status} ${text}`,
    mend: () => "check the URL, and whether it needs a login",
  },
  {
    kind: "network",
    line: /unable to resolve host address|Name or service not known|Temporary failure in name resolution|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)/,
    says: () => "the name of the server is not known here: there is no network, or the name is wrong",
    mend: orAskForNetwork,
  },
  {
    kind: "network",
    line: /Connection refused|ECONNREFUSED|Connection timed out|ETIMEDOUT|ECONNRESET|Connection reset by peer|Network is unreachable|ERROR 5\d\d: |LIGASE_E_FETCH/,
    says: () => "the server could not be reached, or did not answer",
    mend: orAskForNetwork,
  },
  // Inputs.
  {
    kind: "empty-input",
    when: ({ evidence }) => emptyInputs(evidence).length > 0,
    says: ({ evidence }) => {
      const [one, ...others] = emptyInputs(evidence);
      const also = others.length > 0 ? `, and so ${others.length === 1 ? "is" : "are"} ${others.length} more` : "";
      return one ? `${describe(one)} is empty${also}`.replace(",, ", ", ") : "";
    },
    mend: ({ evidence }) => {
      const maker = emptyInputs(evidence)[0]?.madeBy;
      return maker === undefined
        ? "see why the file is empty where it came from"
        : `ligase why ${short(maker.job)} tells what that job was given; or leave out what has nothing in it`;
    },
  },
  {
    kind: "truncated",
    line: /EOF marker is absent|No BGZF EOF marker|missing EOF block|[Ff]ile (?:may be )?truncated|truncated file|unexpected end of file|Compressed file ended before|Failed to read BGZF block|invalid compressed data/,
    says: (found) => `${damagedIn(found)} is cut off or damaged: its end is missing`,
    mend: () => "fetch or make it again, and compare its size or checksum with where it came from",
  },
  {
    kind: "not-bgzf",
    line: /(?:Failed to open |compression of '|cannot index: )([^\s':]+).*(?:bgzip|BGZF)|not BGZF compressed, cannot index: (\S+)/,
    says: (found) => `${inputIn(found, first(found))} is not compressed with bgzip, and so it cannot be indexed`,
    mend: () => "bgzip it in place of gzip (zcat file.gz | bgzip), or write it so: bcftools -Oz",
  },
  {
    kind: "not-gzip",
    line: /gzip: ([^:]+): not in gzip format/,
    says: ({ groups: [path = ""], ...found }) =>
      `${inputIn({ ...found, groups: [path] }, path)} is not compressed with gzip`,
    mend: () => "gzip -cdf reads both kinds; or give the file its right name",
  },
  {
    kind: "missing-index",
    line: /Could not retrieve index file for '([^']+)'|[Cc]ould not load (?:\S+ )?index(?: of (\S+?):)?|An index is required but was not found for file (\S+)|(fail to locate the index files)|Failed to build index file for reference file '([^']+)'|Fasta (?:index|dict) file (\S+) .*does not exist|does not exist or is not a valid Bowtie 2 index/,
    says: (found) => {
      const path = first(found);
      return path.startsWith("fail to") || path === ""
        ? "the index of the reference is not beside it"
        : `the index of ${inputIn(found, path)} is not beside it`;
    },
    mend: () =>
      'an index is staged only with its file: make them together (outputs: { file: "x.bam", sidecars: "x.bam.bai" }), or file.with("x.bam.bai")',
  },
  {
    kind: "wrong-reference",
    line: /(?:region|parse region) "([^":]+)[^"]*"(?: specifies an invalid region|$|\.)|[Tt]he sequence "([^"]+)" (?:was )?not found|Reference (\S+) not found in FASTA|Failed to fetch sequence in (\S+)|faidx_fetch_seq failed at ([^:\s]+)|Sequence "([^"]+)" not in|[Cc]hromosome (\S+) (?:was )?not found|(incompatible contigs)/,
    says: (found) =>
      first(found) === "incompatible contigs"
        ? "the files were made with references of different sequences"
        : `there is no sequence ${first(found)} in the file: it was made with another reference, or names it otherwise`,
    mend: (found) => {
      const name = first(found);
      const other = name.startsWith("chr") ? name.slice(3) : /^(\d+|[XYM]|MT)$/.test(name) ? `chr${name}` : undefined;
      const names = "samtools view -H and samtools faidx tell the names";
      return other === undefined ? `use one reference throughout (${names})` : `is it ${other} there? ${names}`;
    },
  },
  {
    kind: "read-group",
    line: /has no RG tag|read groups? line is not started with @RG|no ID within the read group line|(?:no|any) read groups|samples cannot be empty|has no read group/,
    says: () => "the reads belong to no read group, or to one that is not written as it should be",
    mend: () => "bwa mem -R '@RG\\tID:x\\tSM:sample' sets one while aligning, samtools addreplacerg afterwards",
  },
  {
    kind: "unsorted",
    line: /Unsorted positions|not in coordinate order|not sorted|unsorted/i,
    says: () => "the file is not sorted by coordinate",
    mend: () => "samtools sort (bcftools sort, sort -k1,1 -k2,2n) before this step",
  },
  {
    kind: "mate-tags",
    line: /no MC tag|no ms score tag/,
    says: () => "the reads lack what fixmate writes of their mates",
    mend: () => "samtools sort -n | samtools fixmate -m - - | samtools sort before markdup",
  },
  {
    kind: "unpaired-reads",
    line: /paired reads have different names: "([^"]+)", "([^"]+)"|the 2nd file has fewer sequences/,
    says: ({ groups: [one, two] }) =>
      `the two files of a pair do not hold the same reads${one ? ` (${one} meets ${two})` : ""}`,
    mend: () => "pair the files as they came, or filter both together; seqkit pair sorts them out",
  },
  {
    kind: "bad-fastq",
    line: /sequence and quality have different length/,
    says: () => "a read of the FASTQ file is damaged: sequence and qualities differ in length",
    mend: () => "the file is cut off or no FASTQ: fetch it again, and compare its checksum",
  },
  // How tools are called.
  {
    kind: "unset-variable",
    line: /line \d+: (\w+): unbound variable/,
    says: (found) => `the script uses $${first(found)}, which is not set`,
    mend: (found) =>
      /^(LIGASE_MEMORY|CUDA_VISIBLE_DEVICES)$/.test(first(found))
        ? undefined
        : `set it (env: { ${first(found)}: "…" }), or say what it is otherwise: \${${first(found)}:-}`,
  },
  {
    kind: "wrong-option",
    line: /(?:unrecogni[sz]ed|invalid|unknown) (?:option|argument)s?:?(?: --)? ?['"‘]?(-{0,2}[\w-]+)/i,
    says: (found) => `the tool has no option ${first(found)}${versionText(found)}`,
    mend: () => "see the tool's own help: versions differ in their options",
  },
  {
    kind: "missing-file",
    line: /open file "([^"]+)" : No such file|fail to open file `([^']+)'|Failed to open (?:the )?file:? ?["'`]?([^\s"'`]+)|FileNotFoundError: .*: '([^']+)'|(?<![^\s:'‘])([^\s:'‘]+)['’]?: No such file or directory|ENOENT: no such file or directory, \w+ '([^']+)'/,
    says: (found) => `there is no file ${first(found)} where it ran`,
    mend: (found) =>
      first(found).startsWith("/")
        ? "give it as a File, so that it counts for the cache and is looked for before anything runs"
        : `a script runs in a folder of its own, with the files in its gaps: \${new File("${nameOf(first(found))}")}`,
  },
  // Ends that say little.
  {
    kind: "pipe-closed",
    when: isStatus(141),
    says: () => "status 141 is a command that wrote to one that had stopped reading, such as head",
    mend: () => "let the second one read to the end (awk 'NR <= 10' for head), or add: || [ $? -eq 141 ]",
  },
  {
    kind: "no-match",
    when: ({ evidence: { exitCode, lines, script } }) =>
      exitCode === 1 && !lines.some((line) => line.trim() !== "") && /\b[ef]?grep\b/.test(script),
    says: () => "grep ends with status 1 when no line matches, and that ends the script",
    mend: () => "where no match is fine: grep … || [ $? -eq 1 ]",
  },
  {
    kind: "crash",
    when: ({ evidence }) => ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL"].includes(evidence.signal ?? ""),
    says: ({ evidence, groups }) =>
      `the program itself crashed (${evidence.signal})${versionText({ evidence, groups })}`,
    mend: () => "a damaged input may do that, or a defect of the program: try another version of it",
  },
];
