import { LigaseError } from "../../kernel/index.ts";
import { callable } from "../../expr/index.ts";
import { submitRun } from "../../programs/remote/index.ts";
import { openProjectToRead } from "../../project/index.ts";
import { type LogLineView, Remote, type RunView as RemoteView } from "../../remote/index.ts";
import { withoutSecrets } from "../../secrets/command-line.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { asShown } from "../terminal/text.ts";
import { asJson, asText } from "../terminal/value.ts";
import type { Execution } from "./execute.ts";
import type { RemoteContext } from "./remote-context.ts";
import { logsWanted, type RunOptions } from "./options.ts";
import { STOPPED } from "./signals.ts";
import type { RunView } from "./view.ts";

/**
 * Runs a task on a server, shows how it goes on, and prints its result.
 *
 * @returns the exit status: 0, 1 when it failed, 130 when it was stopped
 */
export async function runRemotely(
  execution: Execution,
  options: RunOptions,
  context: RemoteContext,
  view: RunView,
  terminal: Terminal,
): Promise<number> {
  const { root, program, task, args } = execution;
  const remote = new Remote(context);
  const tags = await tagsOf(execution);
  const progress = new Progress(view, options.quiet, terminal);
  const run = await submitRun(remote, {
    program,
    storeDir: `${root}/.ligase`,
    runsItself: false,
    value: callable(task)(...args),
    name: task.name,
    tags,
    noCache: options["no-cache"],
    failFast: options["fail-fast"],
    say: (line) => view.info(line),
    onChange: (now) => progress.show(now),
  });
  if (options.detach) {
    terminal.out(run.id);
    return 0;
  }
  view.info(`run ${run.id} on ${context.name}`);
  const stopListening = onSignal(view, run.id, () => void run.cancel().catch(() => {}));
  const logs = logsWanted(options) === "none" ? undefined : followLogs(run.logs(), view, terminal);
  try {
    const value = await run.result;
    await logs;
    progress.end();
    const text = execution.json ? asJson(value) : asText(value);
    if (text !== undefined) terminal.out(text);
    return 0;
  } catch (error) {
    await logs;
    progress.end();
    if (!(error instanceof LigaseError && error.code === "LIGASE_E_CANCELLED")) throw error;
    terminal.note("cancelled; run it again to go on from what has finished");
    return STOPPED;
  } finally {
    stopListening();
  }
}

async function tagsOf({ root, config, profile, argv, tags }: Execution): Promise<Readonly<Record<string, string>>> {
  // The values of secrets here are not to be read there.
  const { store, close } = await openProjectToRead(root, config, profile);
  try {
    return (await withoutSecrets({ argv, tags }, store)).tags;
  } finally {
    await close();
  }
}

/** What its jobs write, until it has ended; a connection that breaks is no reason to give up the run. */
async function followLogs(lines: AsyncIterable<LogLineView>, view: RunView, { style }: Terminal): Promise<void> {
  try {
    for await (const { task, stream, text } of lines) {
      const shown = asShown(text);
      const line = stream === "stderr" ? style("dim", shown) : shown;
      view.printLines([task === undefined ? line : `${style("accent", task)} ${style("dim", "│")} ${line}`]);
    }
  } catch (error) {
    view.warn(`its logs broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The first Ctrl+C ends the run on the server, a second one leaves it to end by itself. */
function onSignal(view: RunView, id: string, cancel: () => void): () => void {
  let asked = false;
  const listen = (): void => {
    if (asked) process.exit(STOPPED);
    asked = true;
    view.print(`stopping run ${id} on the server (Ctrl+C again waits for it no longer)`);
    cancel();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, listen);
  return () => {
    for (const signal of signals) process.off(signal, listen);
  };
}

/** One line of how far it is. */
class Progress {
  readonly #view: RunView;
  readonly #quiet: boolean;
  readonly #terminal: Terminal;
  #said = "";

  constructor(view: RunView, quiet: boolean, terminal: Terminal) {
    this.#view = view;
    this.#quiet = quiet;
    this.#terminal = terminal;
  }

  show({ state, jobs = {} }: RemoteView): void {
    const counts = Object.entries(jobs).filter(([, count]) => count > 0);
    const text = counts.length === 0 ? state : counts.map(([word, count]) => `${count} ${word}`).join(", ");
    if (this.#quiet || text === this.#said) return;
    this.#said = text;
    if (this.#terminal.live) this.#terminal.draw([text]);
    else this.#view.info(text);
  }

  end(): void {
    this.#terminal.keepDrawn();
  }
}
