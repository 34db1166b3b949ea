/**
 * Runs workflows for tests, each as `ligase run` does: a fresh load of the program, a fresh store
 * connection, a fresh engine. In a process of its own, because a bundle has to share its modules
 * with the engine, and a test runner has its own way of loading them.
 *
 * @module
 */
import { join } from "node:path";
import { loadProgram } from "../../src/code/index.ts";
import type { Program } from "../../src/code/types.ts";
import { labelOf } from "../../src/engine/dry-run/index.ts";
import type { Run, RunSettings } from "../../src/engine/index.ts";
import { callable } from "../../src/expr/index.ts";
import { Dir, File, setProjectDir } from "../../src/files/index.ts";
import { errorFacts, type Log } from "../../src/kernel/index.ts";
import { openEngine, openProject, openProjectToRead } from "../../src/project/index.ts";
import { openDryRun } from "../../src/project/open-dry-run.ts";
import type { JobFacts, Reply, Request } from "./protocol.ts";

const runs = new Map<number, Run>();

function argument(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("file" in value)) return value;
  const path = String(value.file);
  return path.endsWith("/") ? new Dir(path) : new File(path);
}

/** Errors cannot be sent whole: their facts can. */
function sendable(value: unknown): unknown {
  if (value instanceof File || value instanceof Dir) return { file: value.path };
  if (value instanceof Error) return { error: value.message };
  if (Array.isArray(value)) return value.map(sendable);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, sendable(part)]));
}

type Work = Exclude<Request, { op: "cancel" }>;

async function run({ op, id, root, entry, task, args, settings, env }: Work): Promise<Reply> {
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (message) => void warnings.push(message) };
  const jobs: JobFacts[] = [];
  Object.assign(process.env, env);
  process.chdir(root);
  setProjectDir(root);
  try {
    const program = await loadProgram(join(root, entry), { root, cacheDir: join(root, ".ligase", "code") });
    warnings.push(...program.diagnostics.map((each) => each.message));
    const impl = program.tasks.get(task);
    if (!impl) throw new Error(`no task ${task} among ${[...program.tasks.keys()].join(", ")}`);
    if (op === "plan") {
      const { calls, cut, error } = await plan(root, program, callable(impl)(...args.map(argument)), settings);
      return {
        id,
        ok: error === undefined,
        warnings,
        jobs,
        plan: { calls, cut },
        ...(error !== undefined && { error: errorFacts(error) }),
      };
    }
    const project = await openProject(root);
    try {
      const engine = await openEngine(project, program, { log });
      try {
        const given = args.map(argument);
        const started = engine.engine.start(
          callable(impl)(...given),
          { task },
          {
            retries: project.settings.retries,
            ...settings,
            force: new Set(settings.force),
          },
        );
        runs.set(id, started);
        const note = (): void => {
          for (const job of started.jobs.values()) {
            jobs.push({ task: job.task.name, state: job.state, reason: job.reason, attempts: job.attempts });
          }
        };
        try {
          const value = await started.result;
          return { id, ok: true, value: sendable(value), warnings, jobs };
        } finally {
          // A fan-out of 100,000 is not worth the telling.
          if (started.jobs.size < 1000) note();
        }
      } finally {
        await engine.close();
      }
    } finally {
      await project.close();
    }
  } catch (error) {
    return { id, ok: false, error: errorFacts(error), warnings, jobs };
  }
}

/** What `ligase run --dry-run` finds out. */
async function plan(root: string, program: Program, value: unknown, settings: Partial<RunSettings>) {
  const project = await openProjectToRead(root);
  const dry = openDryRun(project, program);
  try {
    const { calls, cut, error } = await dry.plan(value, { ...settings, force: new Set(settings.force) });
    const facts = calls.map(({ task, owner, reason, fate, estimate, dependsOn }) => ({
      task: labelOf(task, owner),
      fate,
      estimate,
      reason,
      dependsOn,
    }));
    return { calls: facts, cut, error };
  } finally {
    await dry.close();
    await project.close();
  }
}

process.on("message", (request: Request) => {
  if (request.op === "cancel") runs.get(request.id)?.cancel();
  else {
    void run(request).then((reply) => {
      runs.delete(request.id);
      process.send!(reply);
    });
  }
});
process.on("disconnect", () => process.exit(0));
