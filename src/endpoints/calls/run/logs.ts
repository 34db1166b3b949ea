import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isId } from "../../../kernel/index.ts";
import { LineCutter } from "../../../project/logs/index.ts";
import { RunLines } from "../../../programs/log-lines.ts";
import type { LogLineView, RunView } from "../../../remote/index.ts";
import type { Store } from "../../../store/types.ts";
import type { SubmissionFiles } from "./submission.ts";

/** How often a run that goes on is looked at, in milliseconds. */
const LOOK_MS = 100;

/** Reads what a process goes on writing to a file, in lines. */
class Tail {
  readonly #path: string;
  readonly #cutter = new LineCutter();
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async lines(isLast: boolean): Promise<readonly string[]> {
    const found: string[] = [];
    const file = await open(this.#path).catch(() => undefined);
    if (file) {
      try {
        const buffer = Buffer.alloc(1 << 16);
        for (;;) {
          const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#at);
          if (bytesRead === 0) break;
          this.#at += bytesRead;
          found.push(...this.#cutter.cut(Buffer.from(buffer.subarray(0, bytesRead))));
        }
      } finally {
        await file.close();
      }
    }
    const rest = isLast ? this.#cutter.end() : undefined;
    return rest === undefined ? found : [...found, rest];
  }
}

/** The lines that a run's jobs and its process write, as they come, until it has ended. */
export async function* runLogs(
  id: string,
  files: SubmissionFiles,
  store: Store,
  options: {
    readonly follow: boolean;
    readonly signal?: AbortSignal;
    readonly view: (id: string) => Promise<RunView | undefined>;
  },
): AsyncGenerator<LogLineView> {
  const { follow, signal, view } = options;
  // It becomes part of a path.
  if (!isId(id)) return;
  const lines = new RunLines(store, id);
  const tails = (["stdout", "stderr"] as const).map((stream) => ({ stream, tail: new Tail(files.path(id, stream)) }));
  for (let over = false; !over && !signal?.aborted;) {
    // Asked before the pass: when it has ended by now, all that it left is found.
    const now = await view(id);
    over = !follow || !now || (now.state !== "pending" && now.state !== "running");
    for (const { job, ...line } of await lines.look(over)) yield { from: job, ...line };
    for (const { stream, tail } of tails) {
      for (const text of await tail.lines(over)) yield { from: id, stream, text };
    }
    if (!over) await sleep(LOOK_MS, undefined, signal && { signal }).catch(() => {});
  }
}
