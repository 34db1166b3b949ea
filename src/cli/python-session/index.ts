/**
 * `ligase python-session`: what the Python package starts for `python app.py`, and nobody else.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { PythonSession, takeSettings } from "../../programs/python/index.ts";
import { liveLogs } from "../run/live-logs.ts";
import { STOPPED } from "../run/signals.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { RunLines } from "./run-lines.ts";

/** Any text in it: nothing is said of runs that go well. */
const QUIET = "LIGASE_QUIET";

/**
 * Serves one program until it ends.
 *
 * @param words - the program's file, and behind `--` its own arguments
 * @returns the exit status: 0, 130 when it was stopped
 */
export async function pythonSession([app, , ...words]: readonly string[], terminal: Terminal): Promise<number> {
  const settings = takeSettings(process.env);
  if (app === undefined)
    throw usageError("LIGASE_E_FLAG", "python-session needs the file of the program", "python app.py");
  const note = (text: string): void => terminal.note(text);
  const logs = liveLogs("usual", { style: terminal.style, print: (lines) => note(lines.join("\n")) });
  const lines = new RunLines(terminal, Boolean(process.env[QUIET]));
  const session = new PythonSession(realpathSync(app), ["python", basename(app), ...words], {
    logs,
    log: {
      debug() {},
      info: (message) => lines.say(message),
      warn: (message) => note(`${terminal.style("warn", "warning")} ${message}`),
    },
    say: (line) => lines.say(line),
    onWait: (other) => note(`waiting for another run on this store (process ${other.pid}) to say what it is at`),
    onRun: (run) => lines.add(run),
  });
  let status = 0;
  const stop = (): void => {
    if (status === STOPPED) process.exit(STOPPED);
    status = STOPPED;
    session.stop();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    await session.serve(settings);
  } finally {
    for (const signal of signals) process.off(signal, stop);
    lines.close();
    logs.close();
  }
  return status;
}
