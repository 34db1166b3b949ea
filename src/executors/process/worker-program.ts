import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "../../images/types.ts";
import { PYTHON_PACKAGE, WORKER_PROGRAM } from "../../worker/index.ts";
import { NODE_INSIDE } from "./worker-mounts.ts";
import type { WorkerPlan } from "./worker-plan.ts";

const MIB = 2 ** 20;

/**
 * Runs a module of our Python package. What is too old says so before it meets syntax that it does not know. The folder
 * that it starts in is not a place to import from: that is the code of the job.
 */
const pythonStart = (module: string): string =>
  [
    "import sys",
    "if sys.version_info < (3, 9): sys.exit('PYTHON_TOO_OLD ' + sys.version.split()[0])",
    "if sys.path and not sys.path[0]: del sys.path[0]",
    "import runpy",
    `runpy.run_module('${module}', run_name='__main__', alter_sys=True)`,
  ].join("\n");

/** What a worker says whose Python is too old, before the version. */
export const PYTHON_TOO_OLD = "PYTHON_TOO_OLD";

/** Program and arguments of a worker, as they are where it runs. */
export function workerCommand({ program, enclosure, memory }: WorkerPlan): string[] {
  const enclosed = enclosure !== null;
  if (program.kind === "python") return pythonCommand("ligase.worker", enclosed);
  return nodeCommand(fileURLToPath(WORKER_PROGRAM), enclosed, memory);
}

/**
 * How one of our programs for Node is started.
 *
 * @param memory - bytes that it was asked for; 0 for no statement
 */
export function nodeCommand(file: string, enclosed: boolean, memory: number): string[] {
  const heap = memory > 0 ? [`--max-old-space-size=${heapOf(memory)}`] : [];
  return [enclosed ? NODE_INSIDE : process.execPath, "--disable-warning=ExperimentalWarning", ...heap, file];
}

/** How a module of our Python package is started as a program. */
export function pythonCommand(module: string, enclosed: boolean): string[] {
  return [enclosed ? "python3" : pythonOf(process.env), "-c", pythonStart(module)];
}

/** What a worker needs in its environment. */
export function workerEnvironment({ program, enclosure }: WorkerPlan): Record<string, string> {
  return program.kind === "node" ? {} : pythonEnvironment(enclosure?.environment ?? null);
}

/**
 * What a program of our Python package needs in its environment.
 *
 * @param environment - null on this machine as it is
 * @param folders - further ones to import from
 */
export function pythonEnvironment(
  environment: Environment | null,
  folders: readonly string[] = [],
): Record<string, string> {
  const theirs = environment ? environment.env["PYTHONPATH"] : process.env["PYTHONPATH"];
  return {
    PYTHONPATH: [fileURLToPath(PYTHON_PACKAGE), ...folders, ...(theirs ? [theirs] : [])].join(delimiter),
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
    // What people print may be of any script, whatever the locale of an image says.
    PYTHONIOENCODING: "utf-8",
  };
}

/** The Python of this machine. */
export function pythonOf(env: NodeJS.ProcessEnv): string {
  return env["LIGASE_PYTHON"] || "python3";
}

/** The part of a memory request, in MiB, that the heap may take: the rest is for buffers and code. */
function heapOf(memory: number): number {
  return Math.max(32, Math.floor((memory * 0.9) / MIB));
}
