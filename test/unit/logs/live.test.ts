import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Attempt, Executor, Head, Outcome } from "../../../src/executors/types.ts";
import { type LiveSource, LogStream, type Stream } from "../../../src/project/logs/index.ts";
import { tempDir } from "../files/temp-dir.ts";

/** An executor whose jobs end when they are told to, and a stream that hears them. */
class Scene {
  readonly dir = tempDir();
  readonly heard: string[] = [];
  readonly sources: LiveSource[] = [];
  flushes = 0;
  readonly stream: LogStream;
  readonly #executor: Executor;
  readonly #ends = new Map<string, (outcome: Outcome) => void>();

  constructor(wanted?: (attempt: Attempt) => readonly Stream[]) {
    this.stream = new LogStream(
      {
        lines: (source, lines) => {
          this.sources.push(source);
          const { task, index, attempt, stream } = source;
          this.heard.push(...lines.map((line) => `${task}[${index}]#${attempt} ${stream.slice(3)} ${line}`));
        },
        skipped: ({ task, index }, bytes) => void this.heard.push(`${task}[${index}] skipped ${bytes}`),
        end: ({ task, index }) => void this.heard.push(`${task}[${index}] end`),
        flush: () => void this.flushes++,
      },
      wanted,
    );
    this.#executor = this.stream.hear({
      name: "fake",
      capacity: { cpu: 1, memory: 0, gpu: 0, disk: 0 },
      submit: ({ job, workDir }) => {
        mkdirSync(workDir, { recursive: true });
        return { outcome: new Promise((end) => this.#ends.set(job, end)), cancel() {} };
      },
      close: async () => {},
    });
  }

  begin(job: string, task = "align", attempt = 1): Promise<Outcome> {
    const workDir = join(this.dir, `${job}-${attempt}`);
    // What else an attempt has, nobody here looks at.
    return this.#executor.submit({ job, task, attempt, workDir } as Attempt, {} as Head).outcome;
  }

  out(job: string, text: string | Buffer, name = ".command.out", attempt = 1): void {
    appendFileSync(join(this.dir, `${job}-${attempt}`, name), text);
  }

  /** Ends a job, whose logs are moved to where all logs are. */
  end(job: string, attempt = 1, state: "done" | "failed" = "done"): void {
    const keep = (name: string, to: string): string | null => {
      try {
        renameSync(join(this.dir, `${job}-${attempt}`, name), join(this.dir, to));
        return join(this.dir, to);
      } catch {
        return null;
      }
    };
    const logs = {
      stdout: keep(".command.out", `${job}-${attempt}.out`),
      stderr: keep(".command.err", `${job}-${attempt}.err`),
    };
    // What else an outcome has, nobody here looks at.
    this.#ends.get(job)!({ state, ...logs } as Outcome);
  }

  /** What was heard since this was last asked. */
  take(): string[] {
    return this.heard.splice(0);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("LogStream", () => {
  it("hears lines while they are written, each once, and the rest at the end", async () => {
    const s = new Scene();
    const outcome = s.begin("a");
    s.out("a", "one\ntwo\nthr");
    vi.advanceTimersByTime(300);
    expect(s.take()).toEqual(["align[1]#1 out one", "align[1]#1 out two"]);
    vi.advanceTimersByTime(300);
    expect(s.take()).toEqual([]);
    s.out("a", "ee\n");
    s.out("a", "warning\n", ".command.err");
    vi.advanceTimersByTime(200);
    expect(s.take()).toEqual(["align[1]#1 out three", "align[1]#1 err warning"]);
    s.out("a", "four\nno end");
    s.end("a");
    await outcome;
    expect(s.take()).toEqual(["align[1]#1 out four", "align[1]#1 out no end", "align[1] end"]);
  });

  it("has given everything before anybody hears of the outcome", async () => {
    const s = new Scene();
    const outcome = s.begin("a");
    s.out("a", "short\n");
    s.end("a");
    await outcome;
    expect(s.take()).toEqual(["align[1]#1 out short", "align[1] end"]);
    expect(s.flushes).toBe(0);
    vi.advanceTimersByTime(100);
    expect(s.flushes).toBe(1);
  });

  it("counts the jobs of each task, and keeps the number of one that is tried again", async () => {
    const s = new Scene();
    const all = [s.begin("a"), s.begin("b"), s.begin("c", "sort"), s.begin("d")];
    for (const job of ["a", "b", "c", "d"]) s.out(job, `${job}\n`);
    s.end("a");
    s.end("b", 1, "failed");
    s.end("c");
    s.end("d");
    await Promise.all(all);
    expect(s.take().filter((line) => !line.endsWith("end"))).toEqual([
      "align[1]#1 out a",
      "align[2]#1 out b",
      "sort[1]#1 out c",
      "align[3]#1 out d",
    ]);
    const again = s.begin("b", "align", 2);
    s.out("b", "again\n", ".command.out", 2);
    s.end("b", 2);
    await again;
    expect(s.take()[0]).toBe("align[2]#2 out again");
  });

  it("hears only what is wanted", async () => {
    const s = new Scene(({ task }) => (task === "align" ? ["stderr"] : []));
    const all = [s.begin("a"), s.begin("b", "sort")];
    for (const job of ["a", "b"]) {
      s.out(job, "out\n");
      s.out(job, "err\n", ".command.err");
    }
    vi.advanceTimersByTime(300);
    s.end("a");
    s.end("b");
    await Promise.all(all);
    expect(s.take()).toEqual(["align[1]#1 err err", "align[1] end"]);
  });

  it("passes over what nobody could read: its beginning and its last lines are heard, and how much there was", async () => {
    const s = new Scene();
    const outcome = s.begin("a");
    const text = Array.from({ length: 400_000 }, (_, i) => `line ${i}\n`).join("");
    s.out("a", text);
    vi.advanceTimersByTime(300);
    const heard = s.take();
    expect(heard.slice(0, 2)).toEqual(["align[1]#1 out line 0", "align[1]#1 out line 1"]);
    expect(heard.at(-1)).toBe("align[1]#1 out line 399999");
    const skipped = Number(/skipped (\d+)/.exec(heard.find((line) => line.includes("skipped"))!)![1]);
    const bytes = heard.reduce(
      (sum, line) => sum + (line.includes(" out ") ? line.replace("align[1]#1 out ", "").length + 1 : 0),
      0,
    );
    // Two lines are cut by the gap: one is heard in part, of the other nothing.
    expect(Math.abs(text.length - bytes - skipped)).toBeLessThan(24);
    s.out("a", "end\n");
    s.end("a");
    await outcome;
    expect(s.take()).toEqual(["align[1]#1 out end", "align[1] end"]);
  });

  it("goes on from the start when a log was begun anew, because it was too large", () => {
    const s = new Scene();
    void s.begin("a");
    s.out("a", "much\n".repeat(10));
    vi.advanceTimersByTime(300);
    s.take();
    truncateSync(join(s.dir, "a-1/.command.out"), 0);
    s.out("a", "[cut]\n");
    vi.advanceTimersByTime(200);
    expect(s.take()).toEqual(["align[1]#1 out [cut]"]);
  });

  it("never takes what a worker wrote for its next job", async () => {
    const s = new Scene();
    const shared = join(s.dir, "worker.out");
    writeFileSync(shared, "mine\nhal");
    const outcome = s.begin("a");
    symlinkSync(shared, join(s.dir, "a-1/.command.out"));
    vi.advanceTimersByTime(300);
    expect(s.take()).toEqual(["align[1]#1 out mine"]);
    // The job is over: its output was copied, and the worker's file is the next job's.
    rmSync(join(s.dir, "a-1/.command.out"));
    writeFileSync(join(s.dir, "a-1/.command.out"), "mine\nhalf\n");
    writeFileSync(shared, "of another job, and longer than before\n");
    s.end("a");
    await outcome;
    expect(s.take()).toEqual(["align[1]#1 out half", "align[1] end"]);
  });

  it("gives what is there when it is closed, though jobs go on", () => {
    const s = new Scene();
    void s.begin("a");
    s.out("a", "one\nrest");
    s.stream.close();
    expect(s.take()).toEqual(["align[1]#1 out one", "align[1]#1 out rest", "align[1] end"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("looks at nothing while nothing runs", async () => {
    const s = new Scene();
    const outcome = s.begin("a");
    expect(vi.getTimerCount()).toBe(1);
    s.end("a");
    await outcome;
    vi.advanceTimersByTime(200);
    expect(vi.getTimerCount()).toBe(0);
  });
});
