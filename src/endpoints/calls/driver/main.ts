/**
 * A driver: the process in which what the handlers of one deployment call is evaluated. It has an engine on the server's
 * store and the code of the deployment, and answers the server over its channel. It ends with the server.
 *
 * @module
 */
import { errorFacts, LigaseError } from "../../../kernel/index.ts";
import { type OpenEngine, openEngine, openProject, type Project } from "../../../project/index.ts";
import { driverLog } from "./log.ts";
import { JobRun, type JobRunServices } from "./job-run.ts";
import { loadDeployed } from "./load.ts";
import { DRIVER_SETTINGS, type DriverJob, type DriverSettings, type FromDriver, type ToDriver } from "./protocol.ts";

/** What is open while it lives. */
interface Opened {
  readonly project: Project;
  readonly engine: OpenEngine;
  readonly services: JobRunServices;
}

const runs = new Map<string, JobRun>();

function say(message: FromDriver): void {
  // Nobody listens any more when the server has gone.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

async function open(): Promise<Opened> {
  const { project: at, storeDir, code } = JSON.parse(process.env[DRIVER_SETTINGS] ?? "{}") as DriverSettings;
  delete process.env[DRIVER_SETTINGS];
  const server = await openProject(at, { store: storeDir });
  const program = await loadDeployed(code, storeDir);
  // The server's configuration says what may be used; what files the code names are those of its own folder.
  const project: Project = { ...server, root: code.codeDir };
  const engine = await openEngine(project, program, { log: driverLog });
  const { keepWork, retries } = project.settings;
  const services = {
    engine: engine.engine,
    codec: engine.codec,
    tasks: program.tasks,
    settings: { keepWork, retries },
  };
  return { project, engine, services };
}

/** The run of a job: a new attempt has one of its own. */
function runOf(services: JobRunServices, job: DriverJob): JobRun {
  const known = runs.get(job.id);
  if (known?.attempt === job.attempt) return known;
  if (known) void known.end({ error: "its worker ended" });
  const run = new JobRun(services, job);
  runs.set(job.id, run);
  return run;
}

async function answer(services: JobRunServices, message: ToDriver): Promise<string> {
  if (message.op === "end") {
    const run = runs.get(message.job);
    runs.delete(message.job);
    if (!run) throw new LigaseError("LIGASE_E_DRIVER", `no run of the job ${message.job} is here`);
    await run.end(message.how);
    return run.id;
  }
  const run = runOf(services, message.job);
  return message.op === "reduce" ? run.reduce(message.expression) : run.evaluate(message.expression);
}

async function end({ engine, project }: Opened): Promise<void> {
  await Promise.all([...runs.values()].map((run) => run.end("cancelled")));
  await engine.close();
  await project.close();
}

const opened = open();
// Before anything is awaited: a server that goes meanwhile is heard of.
const over = new Promise<void>((resolve) => process.once("disconnect", resolve));
try {
  const { services } = await opened;
  process.on("message", (message: ToDriver) => {
    const { asked } = message;
    answer(services, message).then(
      (value) => say({ ev: "answer", asked, evaluated: { value } }),
      (error: unknown) => say({ ev: "answer", asked, evaluated: { error: errorFacts(error) } }),
    );
  });
  say({ ev: "ready" });
  await over;
  await end(await opened);
  process.exit(0);
} catch (error) {
  say({ ev: "refused", error: errorFacts(error) });
  process.disconnect?.();
  process.exitCode = 1;
}
