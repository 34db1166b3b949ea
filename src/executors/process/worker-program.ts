import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { PYTHON_PACKAGE, WORKER_PROGRAM } from "../../worker/index.ts";
import { NODE_INSIDE } from "./worker-mounts.ts";
import type { WorkerPlan } from "./worker-plan.ts";

const MIB = 2 ** 20;

/**
 * Runs the worker for Python functions. What is too old says so before it meets syntax that it does not know. The folder
 * that it starts in is not a place to import from: that is the code of the job.
 */
const PYTHON_START = [
  "import sys",
  "if sys.version_info < (3, 9): sys.exit('PYTHON_TOO_OLD ' + sys.version.split()[0])",
  "if sys.path and not sys.path[0]: del sys.path[0]",
  "import runpy",
  "runpy.run_module('ligase.worker', run_name='__main__', alter_sys=True)",
].join("\n");

/** What a worker says whose Python is too old, before the version. */
export const PYTHON_TOO_OLD = "PYTHON_TOO_OLD";

/** Program and arguments of a worker, as they are where it runs. */
export function workerCommand({ program, enclosure, memory }: WorkerPlan): string[] {
  if (program.kind === "python") return [enclosure ? "python3" : pythonOf(process.env), "-c", PYTHON_START];
  const heap = memory > 0 ? [`--max-old-space-size=${heapOf(memory)}`] : [];
  const node = enclosure ? NODE_INSIDE : process.execPath;
  return [node, "--disable-warning=ExperimentalWarning", ...heap, fileURLToPath(WORKER_PROGRAM)];
}

/** What a worker needs in its environment. */
export function workerEnvironment({ program, enclosure }: WorkerPlan): Record<string, string> {
  if (program.kind === "node") return {};
  const ours = fileURLToPath(PYTHON_PACKAGE);
  const theirs = enclosure ? enclosure.environment.env["PYTHONPATH"] : process.env["PYTHONPATH"];
  return {
    PYTHONPATH: theirs ? `${ours}${delimiter}${theirs}` : ours,
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
