// The demo, `npm run demo`: finds the variants of three people of the 1000 Genomes Project with
// examples/germline-variants, shows the summary, and says where everything is. Further arguments go to
// `ligase run`: `npm run demo -- --no-cache`.
import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, "examples", "germline-variants");
const results = join(example, "results");

/** The tools that the workflow's image holds; Debian, bioconda and Homebrew name their packages after them. */
const TOOLS = ["bwa", "samtools", "bcftools", "tabix", "fastp"];
/** What the sandbox is made with, by the Debian package that has it. */
const SANDBOX = { bwrap: "bubblewrap", mmdebstrap: "mmdebstrap" };

const container = chooseEngine();

const started = performance.now();
const inputs = ["--samples", join("data", "samples.csv"), "--reference", join("data", "chr17_1-4200.fa")];
const run = spawnSync(
  process.execPath,
  [
    join(root, "bin", "ligase"),
    "run",
    "workflow.ts",
    "main",
    ...inputs,
    "--outdir",
    results,
    "--container",
    container,
    ...process.argv.slice(2),
  ],
  // What the run says on its way goes to the terminal; its result, on stdout, is told below.
  { cwd: example, stdio: ["inherit", "pipe", "inherit"], maxBuffer: 1 << 28 },
);
if (run.error) throw run.error;
if (run.status !== 0) process.exit(run.status ?? 1);
const seconds = ((performance.now() - started) / 1000).toFixed(1);

const outputs = [
  ["variants.vcf.gz", "the variants, with an index"],
  ["depth.svg", "depth along the reference: open it in a browser"],
  ["summary.tsv", "the table above; summary.json has all metrics"],
  ["alignments", "a BAM for each sample"],
].map(([name, what]) => [relative(process.cwd(), join(results, name)), what]);
const width = Math.max(...outputs.map(([path]) => path.length));

console.log(`
${sideBySide(readFileSync(join(results, "summary.tsv"), "utf8"))}
The run took ${seconds} s. Its results:
${outputs.map(([path, what]) => `  ${path.padEnd(width)}  ${what}`).join("\n")}

Run it again: no tool runs. Change a read, an option or a line of the workflow: only what depends on it does.`);

/** Is a program on the PATH? */
function onPath(tool) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * What the tools run in: a sandbox where that works or may be installed, else podman or docker, else this machine with the
 * tools on the PATH.
 */
function chooseEngine() {
  const missing = Object.keys(SANDBOX).filter((program) => !onPath(program));
  if (process.platform === "linux") {
    if (missing.length > 0 && mayInstall()) install(missing.map((program) => SANDBOX[program]));
    if (Object.keys(SANDBOX).every(onPath)) return "auto";
  }
  if (onPath("podman") || onPath("docker")) return "auto";
  const tools = TOOLS.filter((tool) => !onPath(tool));
  if (tools.length > 0) {
    if (mayInstall()) install(tools);
    if (!tools.every(onPath)) explain(tools);
  }
  return "host";
}

/** May this user install packages without being asked for a password? */
function mayInstall() {
  const become = privileges();
  return onPath("apt-get") && (become.length === 0 || (onPath("sudo") && runs([...become, "true"], "ignore")));
}

function privileges() {
  return process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
}

/** Installs Debian packages. */
function install(packages) {
  console.error(`Installing ${packages.join(", ")} with apt-get ...`);
  const apt = [...privileges(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"];
  const get = [...apt, "install", "--yes", "--no-install-recommends", ...packages];
  // The lists of packages may be absent or old: only then are they fetched.
  if (!(runs(get, "ignore") || (runs([...apt, "update"], "quiet") && runs(get, "quiet")))) {
    console.error(`apt-get could not install ${packages.join(", ")}; its messages are above.`);
  }
}

/** Says how the demo can be run here, and ends. */
function explain(tools) {
  const list = tools.join(" ");
  console.error(`The demo needs a container engine, or ${list}. With one of:
  Debian, Ubuntu   sudo apt-get install bubblewrap mmdebstrap
  conda            conda install -c conda-forge -c bioconda ${list.replace("tabix", "htslib")}
  Homebrew         brew install ${list.replace("tabix", "htslib")}
then run it again. bin/ligase doctor says more.`);
  process.exit(1);
}

/** Runs a command; tells whether it went well. `quiet` shows what it says to stderr alone. */
function runs([command, ...args], output) {
  return spawnSync(command, args, { stdio: ["ignore", "ignore", output === "quiet" ? 2 : "ignore"] }).status === 0;
}

/** A table with a line per sample as one with a column per sample: it fits a terminal. */
function sideBySide(tsv) {
  const lines = tsv
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  const [titles = []] = lines;
  const widths = lines.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  return titles
    .map((title, row) =>
      lines
        .map((cells, column) => (column === 0 ? title.padEnd(widths[0]) : cells[row].padStart(widths[column])))
        .join("  "),
    )
    .map((line) => `${line}\n`)
    .join("");
}
