import { execFile, type ExecFileException } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonOf } from "../../executors/process/worker-program.ts";
import { type ErrorFacts, LigaseError, reviveError } from "../../kernel/index.ts";
import { PYTHON_PACKAGE } from "../../worker/index.ts";
import { type Described, type DescribedEndpoint, readDescribed, readDescribedEndpoints } from "./described.ts";

/** A description is a few hundred bytes a function. */
const LONGEST = 64 * 1024 * 1024;

/** The environment of a Python of this machine that is to find Ligase's own package. */
export function pythonEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = fileURLToPath(PYTHON_PACKAGE);
  const theirs = env["PYTHONPATH"];
  return {
    ...env,
    PYTHONPATH: theirs ? `${ours}${delimiter}${theirs}` : ours,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
  };
}

/**
 * Imports a Python app, in a Python process, and tells which functions it has.
 *
 * @param app - absolute
 * @param root - the project's folder
 * @throws LigaseError `LIGASE_E_NO_PYTHON`; `LIGASE_E_PYTHON` where the app cannot be imported, with the traceback
 */
export async function describeApp(app: string, root: string): Promise<readonly Described[]> {
  return readDescribed((await ask("ligase.describe", "functions", app, root))["functions"]);
}

/**
 * Imports a Python app, in a Python process, and tells which endpoints it has.
 *
 * @throws LigaseError as {@link describeApp}
 */
export async function describeEndpoints(app: string, root: string): Promise<readonly DescribedEndpoint[]> {
  return readDescribedEndpoints((await ask("ligase.describe_app", "endpoints", app, root))["endpoints"]);
}

/** What a module of our Python package prints of an app: an object with a field of this name. */
async function ask(module: string, field: string, app: string, root: string): Promise<Record<string, unknown>> {
  const python = pythonOf(process.env);
  const { answer, failed } = await new Promise<{ answer: string; failed: ExecFileException | null }>((resolve) => {
    const child = execFile(
      python,
      ["-m", module, "--root", root, app],
      { env: pythonEnvironment(process.env), maxBuffer: LONGEST, encoding: "utf8" },
      (error, stdout) => resolve({ answer: stdout, failed: error }),
    );
    // What the app prints when it is imported.
    child.stderr?.pipe(process.stderr, { end: false });
  });
  if (failed?.code === "ENOENT") {
    throw new LigaseError("LIGASE_E_NO_PYTHON", `there is no ${python} here`, {
      facts: { python },
      mend: "install Python 3.9 or newer, or say where it is in LIGASE_PYTHON",
    });
  }
  let told: { readonly [field: string]: unknown; readonly error?: ErrorFacts } = {};
  try {
    told = JSON.parse(answer) as typeof told;
  } catch {
    // said below
  }
  if (told.error) throw notImported(told.error);
  if (told[field] === undefined) {
    throw new LigaseError("LIGASE_E_PYTHON", `${python} ended before it had described ${app}`, {
      facts: { python, exitCode: typeof failed?.code === "number" ? failed.code : null },
      mend: "see what it printed above; it has to be Python 3.9 or newer",
    });
  }
  return told;
}

const MISSING =
  "if only the image has it, import it inside of the function, or under `if env.is_remote():`; otherwise install it here";

/** An app that cannot be imported: as Python shows it, with the user's own lines. */
function notImported(facts: ErrorFacts): Error {
  const error = reviveError(facts);
  if (!(error instanceof LigaseError)) return error;
  const trace = facts.stack?.trimEnd() ?? "";
  const exception = error.facts["exception"];
  const missing = exception === "ModuleNotFoundError" || exception === "ImportError";
  const mend = missing ? MISSING : error.mend;
  const told = new LigaseError(error.code, trace === "" ? error.message : `${error.message}\n${trace}`, {
    ...(mend !== undefined && { mend }),
    facts: error.facts,
  });
  if (facts.stack !== undefined) told.stack = facts.stack;
  return told;
}
