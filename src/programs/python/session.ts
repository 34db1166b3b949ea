import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import type { Program } from "../../code/types.ts";
import type { Run, RunSettings } from "../../engine/index.ts";
import { decodeExpression, describe, nodeOf } from "../../expr/index.ts";
import { Output } from "../../files/index.ts";
import { openLinks } from "../../files/links/index.ts";
import { knownOf } from "../../files/located.ts";
import { errorFacts, LigaseError, reviveError } from "../../kernel/index.ts";
import {
  type EngineHooks,
  findProject,
  gitState,
  type OpenEngine,
  openEngine,
  openProject,
  type Project,
} from "../../project/index.ts";
import { pythonProgram, readDescribed } from "../../project/python/index.ts";
import { withoutSecrets } from "../../secrets/index.ts";
import { jsonLines } from "../../worker/protocol.ts";
import { CallGroup } from "./calls.ts";
import type { FromProgram, SessionSettings, ToProgram } from "./messages.ts";

/** Who wants to hear what while a Python program makes calls. */
export interface SessionHooks extends EngineHooks {
  /** A run begins. */
  readonly onRun?: (run: Run) => void;
}

/** How often it is looked whether the program still lives, in milliseconds. */
const LOOK_MS = 1000;

interface Opened {
  readonly program: Program;
  readonly engine: OpenEngine;
  readonly name: string;
  /** The command line as it is recorded. */
  readonly argv: readonly string[];
  readonly settings: Pick<RunSettings, "keepWork" | "retries">;
}

/**
 * The head of a Python program that was started by `python app.py`: evaluates the calls that it makes, until it ends.
 *
 * @param app - the program's file, absolute and real
 * @param argv - its command line, for the record
 */
export class PythonSession {
  readonly #app: string;
  readonly #argv: readonly string[];
  readonly #hooks: SessionHooks;
  readonly #groups = new Set<CallGroup>();
  readonly #over = Promise.withResolvers<void>();
  #socket: Socket | undefined;
  #opened: Promise<Opened> | undefined;
  #current: CallGroup | undefined;
  #ended = false;

  constructor(app: string, argv: readonly string[], hooks: SessionHooks = {}) {
    this.#app = app;
    this.#argv = argv;
    this.#hooks = hooks;
  }

  /**
   * Serves the program until it ends, and leaves nothing behind.
   *
   * @throws LigaseError where the project cannot be opened, before the program is told that anybody is there
   */
  async serve(settings: SessionSettings): Promise<void> {
    const root = findProject(dirname(this.#app));
    const project = await openProject(root);
    try {
      const socket = connect(settings.socket);
      await once(socket, "connect");
      this.#socket = socket;
      socket.on("error", () => this.stop()).on("close", () => this.stop());
      const watch = setInterval(() => {
        // A child of the program may hold the socket open after it.
        if (!isAlive(settings.pid)) this.stop();
      }, LOOK_MS).unref();
      this.#send({ op: "welcome", token: settings.token, root, storeDir: project.settings.storeDir });
      const read = jsonLines<FromProgram>((message) => this.#hear(message, settings, project));
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        try {
          read(chunk);
        } catch (error) {
          this.#fatal(error);
        }
      });
      await this.#over.promise;
      clearInterval(watch);
      // What was ended records that it was.
      await Promise.allSettled([...this.#groups].map(({ run }) => run.result));
      await this.#opened?.then(
        ({ engine }) => engine.close(),
        () => {},
      );
      socket.destroy();
    } finally {
      await project.close();
    }
  }

  /** Ends what goes on: nobody waits for it any more, or somebody pressed Ctrl+C. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { run } of this.#groups) run.cancel();
    this.#over.resolve();
  }

  #send(message: ToProgram): void {
    if (this.#socket?.writable) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #fatal(error: unknown): void {
    this.#send({ op: "fatal", error: errorFacts(error) });
    this.stop();
  }

  #hear(message: FromProgram, { token }: SessionSettings, project: Project): void {
    if (message.ev === "hello") {
      if (message.token !== token || this.#opened) return this.stop();
      this.#opened = this.#open(message, project);
      this.#opened.catch((error: unknown) => this.#fatal(error));
      return;
    }
    switch (message.ev) {
      case "functions":
        void this.#opened
          ?.then(({ program }) => this.#add(program, message.functions))
          .catch((error: unknown) => this.#fatal(error));
        return;
      case "ask":
        void this.#answer(message.asked, () => this.#evaluate(message.asked, message.expression));
        return;
      case "cancel":
        for (const group of this.#groups) if (group.cancel(message.asked)) return;
        return;
      case "link":
        void this.#answer(message.asked, () => this.#link(message.output, message.expires ?? undefined, project));
        return;
      case "bye":
        void this.#bye(message.error && reviveError(message.error));
        return;
    }
  }

  async #open({ executable, functions }: FromProgram & { ev: "hello" }, project: Project): Promise<Opened> {
    // Where there is no image, its functions run in the Python that runs it.
    if (executable) process.env["LIGASE_PYTHON"] ??= executable;
    const program = pythonProgram(this.#app, project.root, readDescribed(functions));
    const { keepWork, retries } = project.settings;
    const engine = await openEngine(project, program, this.#hooks);
    // What is recorded of the command line has no secret in it.
    const { argv } = await withoutSecrets({ argv: this.#argv, tags: {} }, project.store);
    return { program, engine, name: program.entry, argv, settings: { keepWork, retries } };
  }

  /** Functions that came to be since. */
  #add(program: Program, functions: unknown): void {
    const { tasks } = pythonProgram(this.#app, program.root, readDescribed(functions));
    const known: Map<string, unknown> = new Map(program.tasks);
    for (const [name, task] of tasks) {
      if (!known.has(name) && program.tasks instanceof Map) program.tasks.set(name, task);
    }
  }

  async #answer(asked: number, evaluate: () => Promise<string>): Promise<void> {
    try {
      this.#send({ op: "value", asked, text: await evaluate() });
    } catch (error) {
      this.#send({ op: "error", asked, error: errorFacts(error) });
    }
  }

  async #evaluate(asked: number, expression: string): Promise<string> {
    if (!this.#opened || this.#ended) throw new LigaseError("LIGASE_E_CANCELLED", "the session has ended");
    const opened = await this.#opened;
    const { engine, program } = opened;
    const value = decodeExpression(expression, engine.codec, (task) => program.tasks.get(task));
    const name = nameOf(value);
    const current = this.#current;
    // Calls of another function, made when those before them are over, are a run of their own.
    if (current?.isOpen && (current.isBusy || current.task === name)) return current.ask(asked, value);
    current?.end();
    return this.#begin(opened, name).ask(asked, value);
  }

  #begin({ engine: { engine, codec }, name: program, argv, settings }: Opened, task: string): CallGroup {
    const group: CallGroup = new CallGroup(
      {
        engine,
        codec,
        program,
        start: (value, name) => {
          const git = gitState(dirname(this.#app));
          const run = engine.start(value, { task: name, argv, tags: { program }, git }, settings);
          this.#hooks.onRun?.(run);
          return run;
        },
        closed: (one) => {
          if (this.#current === one) this.#current = undefined;
        },
      },
      task,
    );
    this.#groups.add(group);
    void group.run.result.catch(() => {}).finally(() => this.#groups.delete(group));
    this.#current = group;
    return group;
  }

  async #link(text: string, expires: string | number | undefined, { settings }: Project): Promise<string> {
    if (!this.#opened) throw new LigaseError("LIGASE_E_CANCELLED", "the session has ended");
    const { codec } = (await this.#opened).engine;
    const output = codec.decode(text);
    if (!(output instanceof Output)) throw new LigaseError("LIGASE_E_LINK", "what a link was asked for is no output");
    const known = knownOf(output);
    if (!known) return "null";
    const links = openLinks(settings.storeDir, settings.server);
    const { name, mediaType } = output;
    const link = links.link({ hash: known.hash, name, mediaType }, expires === undefined ? {} : { expires });
    return codec.encode(link ?? null).text;
  }

  /** The program has ended, and nobody waits for anything. */
  async #bye(error: Error | undefined): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#opened;
    } catch {
      // it was told so
    }
    for (const group of this.#groups) {
      // What nobody took a value of is not waited for.
      if (group.isBusy) group.run.cancel();
      else group.end(error);
    }
    this.#over.resolve();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function nameOf(value: unknown): string {
  const node = (typeof value === "object" || typeof value === "function") && value !== null ? nodeOf(value) : undefined;
  if (node?.kind === "call") return typeof node.task === "string" ? node.task : node.task.name;
  return node ? describe(node) : "calls";
}
