import { formatDuration } from "../../kernel/index.ts";
import { jsonLines, type LogLineView, type Remote, type SettledView, type WorkerView } from "../../remote/index.ts";
import { START_FAILURE } from "../../worker/endpoint/index.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** So often the time is drawn anew, in milliseconds. */
const FRAME_MS = 200;
/** So much is shown of what a worker that failed wrote. */
const TAIL = 15;

/** Waits until a deployment serves, or until it is known why not, and shows that it waits. */
export async function settled(remote: Remote, id: string, what: string, terminal: Terminal): Promise<SettledView> {
  const began = performance.now();
  const draw = (): void => {
    const elapsed = terminal.style("dim", formatDuration(performance.now() - began));
    terminal.draw([`${terminal.style("accent", "●")} starting ${what}  ${elapsed}`]);
  };
  const timer = terminal.live ? setInterval(draw, FRAME_MS) : undefined;
  try {
    return await remote.ask<SettledView>("POST", `/deployments/${id}/settled`);
  } finally {
    clearInterval(timer);
    if (terminal.live) terminal.draw([]);
  }
}

/** The last lines that the workers of a deployment wrote to stderr before they failed. */
export async function lastWords(remote: Remote, endpoint: string, deployment: string): Promise<readonly string[]> {
  const workers = await remote.ask<WorkerView[]>("GET", `/workers?endpoint=${encodeURIComponent(endpoint)}`);
  const failed = workers
    .filter((worker) => worker.deployment === deployment && worker.endedAt !== null)
    .toSorted((a, b) => b.startedAt - a.startedAt)[0];
  if (!failed) return [];
  const lines: string[] = [];
  for await (const { stream, text } of jsonLines<LogLineView>(await remote.fetch(`/workers/${failed.id}/logs`))) {
    // Its reason was told already.
    if (stream === "stderr" && !text.startsWith(START_FAILURE)) lines.push(text);
    if (lines.length > TAIL) lines.shift();
  }
  return lines;
}
