import { LineCutter, LogFollower, type LogSource } from "../../project/logs/index.ts";
import type { LogLineView } from "../../remote/index.ts";
import type { ServerContext } from "../context.ts";
import { linesResponse } from "./logs.ts";

/** How often the record of a run that goes on is looked at, in milliseconds: its process tells only the record. */
const LOOK_MS = 250;

/** What the jobs of a run wrote, one JSON a line. */
export function logsOfRun(
  context: ServerContext,
  run: string,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): Response {
  return linesResponse((left) => lines(context, run, follow, left), signal);
}

async function* lines(
  { store, services }: ServerContext,
  run: string,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLineView[]> {
  const cutters = new Map<string, LineCutter>();
  let found: LogLineView[] = [];
  const add = ({ job, task, stream }: LogSource, texts: readonly string[]): void => {
    for (const text of texts) found.push({ from: job.id, task, stream, text });
  };
  const keyOf = ({ job, attempt, stream }: LogSource): string => `${job.id} ${attempt} ${stream}`;
  const follower = new LogFollower(
    store,
    { run, streams: ["stdout", "stderr"] },
    {
      write(source, bytes) {
        const key = keyOf(source);
        let cutter = cutters.get(key);
        if (!cutter) cutters.set(key, (cutter = new LineCutter()));
        add(source, cutter.cut(bytes));
      },
      end(source) {
        const rest = cutters.get(keyOf(source))?.end();
        if (rest !== undefined) add(source, [rest]);
        cutters.delete(keyOf(source));
      },
      ready: async () => {},
    },
  );
  for (;;) {
    // Waits for its end, but not long; asked before the pass: when it has ended by now, all that it left is found.
    const view = follow ? await services.runs.get(run, LOOK_MS, signal) : undefined;
    if (signal.aborted) return;
    await follower.pass();
    const isOver = view?.state !== "running" && view?.state !== "pending";
    if (isOver) follower.end();
    if (found.length > 0) yield found;
    found = [];
    if (isOver) return;
  }
}
