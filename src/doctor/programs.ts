import type { Finding, Machine } from "./types.ts";

const group = "Programs";
const LEAST_NODE = 24;
const LEAST_PYTHON = [3, 9] as const;

/** Programs beside those of engines: what each is for, and how to get it. */
export async function lookAtPrograms(machine: Machine): Promise<readonly Finding[]> {
  const major = Number.parseInt(machine.nodeVersion, 10);
  const node: Finding = {
    group,
    name: "Node",
    state: major >= LEAST_NODE ? "found" : "wrong",
    says: major >= LEAST_NODE ? machine.nodeVersion : `${machine.nodeVersion}: Ligase needs ${LEAST_NODE}`,
    mend: major >= LEAST_NODE ? null : "https://nodejs.org/en/download",
    needed: true,
  };
  return [
    node,
    ...(await Promise.all([
      lookAtPython(machine),
      lookAt(machine, "git", ["--version"], "records which commit a run was of"),
      lookAt(machine, "graphviz", ["-V"], "draws ligase graph as SVG", "dot"),
      lookAt(machine, "Slurm", ["--version"], "would let jobs run on a cluster", "sbatch", null),
    ])),
  ];
}

async function lookAtPython(machine: Machine): Promise<Finding> {
  const base = { group, name: "Python", needed: false } as const;
  const hint = machine.platform === "darwin" ? "brew install python" : "sudo apt-get install python3";
  if (machine.program("python3") === undefined) {
    return { ...base, state: "absent", says: "not there: runs Python functions outside of images", mend: hint };
  }
  const version = await versionOf(machine, "python3", ["--version"]);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > LEAST_PYTHON[0] || (major === LEAST_PYTHON[0] && minor >= LEAST_PYTHON[1]);
  if (isEnough) return { ...base, state: "found", says: version, mend: null };
  const says = `${version || "its version is not known"}: Python functions outside of images need ${LEAST_PYTHON.join(".")}`;
  return { ...base, state: "wrong", says, mend: hint };
}

async function lookAt(
  machine: Machine,
  name: string,
  args: readonly string[],
  what: string,
  program = name,
  pack: string | null = name,
): Promise<Finding> {
  const base = { group, name, needed: false } as const;
  if (machine.program(program) === undefined) {
    const install = machine.platform === "darwin" ? "brew install" : "sudo apt-get install";
    return { ...base, state: "absent", says: `not there: ${what}`, mend: pack === null ? null : `${install} ${pack}` };
  }
  return { ...base, state: "found", says: (await versionOf(machine, program, args)) || "there", mend: null };
}

async function versionOf(machine: Machine, program: string, args: readonly string[]): Promise<string> {
  const { output } = await machine.run(program, args);
  return /\d+(\.\d+)+/.exec(output)?.[0] ?? "";
}
