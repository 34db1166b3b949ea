import { dirname, join } from "node:path";
import { registeredProgram } from "../code/registered.ts";
import type { Config } from "../config/index.ts";
import type { Log } from "../kernel/index.ts";
import { unregistered } from "./unregistered.ts";
import { findProject, gitState, type OpenEngine, openEngine, openProject, type Project } from "../project/index.ts";

/** How long a session stays open with nothing to do, in milliseconds: a program that runs one thing after another opens it once. */
const LINGER_MS = 50;

/** Warnings go where a program's own do. */
const log: Log = {
  debug() {},
  info() {},
  warn: (message) => void process.stderr.write(`ligase: ${message}\n`),
};

/** What a program's runs share: its project and an engine. */
export interface Session {
  readonly project: Project;
  readonly engine: OpenEngine;
  readonly git: ReturnType<typeof gitState>;
}

/** The session of this program, while a run goes on. */
class Sessions {
  #open: Promise<Session> | undefined;
  #users = 0;
  #linger: NodeJS.Timeout | undefined;

  /** Opens the session, or joins it. */
  async enter(config: Config): Promise<Session> {
    this.#users++;
    clearTimeout(this.#linger);
    try {
      return await (this.#open ??= open(config));
    } catch (error) {
      this.#open = undefined;
      this.#users--;
      throw error;
    }
  }

  /** Leaves it; the last one out closes it. */
  leave(): void {
    if (--this.#users > 0) return;
    this.#linger = setTimeout(() => {
      const session = this.#open;
      this.#open = undefined;
      void session?.then(async ({ engine, project }) => {
        await engine.close();
        await project.close();
      });
    }, LINGER_MS);
  }
}

/** One per process: what is opened for a program belongs to the program as a whole. */
export const sessions = new Sessions();

async function open(config: Config): Promise<Session> {
  const program = registeredProgram();
  if (!program) throw unregistered();
  const root = findProject(dirname(join(program.root, program.entry)));
  const project = await openProject(root, config);
  try {
    return { project, engine: await openEngine(project, program, { log }), git: gitState(root) };
  } catch (error) {
    await project.close();
    throw error;
  }
}
