import { afterEach, describe, expect, it } from "vitest";
import { Exposition, Timings } from "../../../src/server/metrics/exposition.ts";
import { type Managed, manage } from "../../support/managed.ts";
import { tempDir } from "../files/temp-dir.ts";

const open: Managed[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

describe("the text for Prometheus", () => {
  it("escapes what labels and helps may hold", () => {
    const text = new Exposition()
      .add("a", "gauge", 'One\nline \\ with "quotes"', [{ labels: { x: 'q"\\\n', y: 2 }, value: 1.5 }, { value: 0 }])
      .text();
    expect(text).toBe('# HELP a One\\nline \\\\ with "quotes"\n# TYPE a gauge\na{x="q\\"\\\\\\n",y="2"} 1.5\na 0\n');
  });

  it("gives histograms their cumulative buckets, sum and count", () => {
    const timings = new Timings();
    for (const ms of [0.5, 1, 40, 60_000, 1e9, -5]) timings.add(ms);
    const lines = new Exposition()
      .histogram("t", "Times.", [[{ e: "x" }, timings]])
      .text()
      .split("\n");
    const of = (line: string): string => lines.find((each) => each.startsWith(line))!.split(" ")[1]!;
    expect(of('t_bucket{e="x",le="0.001"}')).toBe("3");
    expect(of('t_bucket{e="x",le="0.05"}')).toBe("4");
    expect(of('t_bucket{e="x",le="30"}')).toBe("4");
    expect(of('t_bucket{e="x",le="60"}')).toBe("5");
    expect(of('t_bucket{e="x",le="+Inf"}')).toBe("6");
    expect(of("t_count")).toBe("6");
    expect(Number(of("t_sum"))).toBeCloseTo(1_000_060.0415);
  });
});

describe("GET /metrics", () => {
  it("counts jobs, workers and requests", async () => {
    const server = await manage(tempDir());
    open.push(server);
    const { queue } = server.services;
    const submit = () => queue.submit({ endpoint: "fold", sync: false, input: "1" });
    const first = await submit();
    const second = await submit();
    await submit();
    await queue.take("fold", "w1", { max: 2, waitMs: 0 });
    await queue.done("w1", first.id, { state: "COMPLETED", output: "1" });
    await queue.done("w1", second.id, { state: "FAILED", error: "no" });
    server.tell({ id: "w1", state: "ready", readyAt: 1_800_000_000_300, memory: 1000 });
    server.tell({ id: "w0", state: "failed", endedAt: 1 });
    await server.ask("/nowhere/7k2m9q");
    server.ahead = 60_000;
    const answer = await server.ask("/metrics");
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    const lines = text.split("\n");
    for (const line of [
      'ligase_jobs_submitted_total{endpoint="fold"} 3',
      'ligase_jobs_total{endpoint="fold",state="completed"} 1',
      'ligase_jobs_total{endpoint="fold",state="failed"} 1',
      'ligase_queue_jobs{endpoint="fold",state="queued"} 1',
      'ligase_queue_jobs{endpoint="fold",state="running"} 0',
      'ligase_workers{endpoint="fold",state="idle"} 1',
      'ligase_worker_memory_bytes{endpoint="fold"} 1000',
      'ligase_workers_ended_total{endpoint="fold",state="failed"} 1',
      'ligase_job_wait_seconds_count{endpoint="fold"} 2',
      'ligase_job_run_seconds_count{endpoint="fold"} 2',
      'ligase_worker_start_seconds_sum{endpoint="fold"} 0.3',
      'ligase_http_requests_total{route="other",method="GET",status="404"} 1',
    ]) {
      expect(lines).toContain(line);
    }
    const oldest = lines.find((line) => line.startsWith("ligase_queue_oldest_seconds"))!;
    expect(Number(oldest.split(" ")[1])).toBeGreaterThanOrEqual(60);
    expect(text).not.toContain("7k2m9q");
    // Every line is a comment, or a name with labels and a number.
    expect(lines.filter((line) => !/^(#.*|\w+(\{(\w+="[^"]*",?)*\})? [\d.e+-]+|)$/.test(line))).toEqual([]);
  });
});
