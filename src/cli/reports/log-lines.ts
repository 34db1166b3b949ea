import { LineCutter, type LogSink, type LogSource } from "../../project/logs/index.ts";
import { short } from "../../record/short.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { asShown, columnsOf, pad } from "../terminal/text.ts";

/** Output as it is: stdout to stdout, stderr to stderr. For one job. */
export function rawSink(terminal: Terminal): LogSink {
  return {
    write: ({ stream }, bytes) => (stream === "stdout" ? terminal.rawOut(bytes) : terminal.raw(bytes)),
    end() {},
    ready: () => terminal.drained(),
  };
}

/** Output line by line, each behind the task and the job that wrote it. */
export function prefixSink(terminal: Terminal): LogSink {
  const paint = terminal.styleOut;
  let width = 0;
  return lineSink(terminal, ({ job, task, attempt, stream }, line) => {
    const name = `${task} ${short(job.id)}${attempt > 1 ? `#${attempt}` : ""}`;
    width = Math.max(width, columnsOf(name));
    const text = asShown(line);
    terminal.out(
      `${paint("accent", pad(name, width))} ${paint("dim", "│")} ${stream === "stderr" ? paint("dim", text) : text}`,
    );
  });
}

/** Output line by line for a program, each line an object of JSON with where it comes from. */
export function jsonLinesSink(terminal: Terminal): LogSink {
  return lineSink(terminal, (source, text) => terminal.out(lineJson(source, text)));
}

/** The same as one list, which `close` ends. */
export function jsonListSink(terminal: Terminal): { readonly sink: LogSink; close(): void } {
  let before = "[";
  const sink = lineSink(terminal, (source, text) => {
    terminal.rawOut(before + lineJson(source, text));
    before = ",\n";
  });
  return { sink, close: () => terminal.out(before === "[" ? "[]" : "]") };
}

function lineJson({ job, task, attempt, stream }: LogSource, text: string): string {
  return JSON.stringify({ run: job.run, job: job.id, task, attempt, stream, text });
}

/** Cuts what sources write into lines. */
function lineSink(terminal: Terminal, print: (source: LogSource, line: string) => void): LogSink {
  const open = new Map<string, LineCutter>();
  const keyOf = ({ job, attempt, stream }: LogSource): string => `${job.id}-${attempt}-${stream}`;
  return {
    write(source, bytes) {
      const key = keyOf(source);
      const cutter = open.get(key) ?? new LineCutter();
      open.set(key, cutter);
      for (const line of cutter.cut(bytes)) print(source, line);
    },
    end(source) {
      const key = keyOf(source);
      const rest = open.get(key)?.end();
      if (rest !== undefined) print(source, rest);
      open.delete(key);
    },
    ready: () => terminal.drained(),
  };
}
