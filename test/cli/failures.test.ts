import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const WORKFLOW = `
import { map, script, task } from "ligase";

class ReadError extends Error {
  override name = "ReadError";
}

export const align = task((sample: string, depth: number) => script\`
  for i in $(seq 1 30); do echo "note $i" >&2; done
  exit 7
\`);
export const perSample = task((sample: string) => align(sample, 3));
export const main = task((sample: string = "HG00100") => perSample(sample));

function parse(line: string): string {
  throw new ReadError("no reads in " + line);
}
export const inline = task((line: string) => parse(line));
export const isolated = task({ cpu: 1 }, (line: string) => {
  console.error("reading", line);
  return parse(line);
});
export const each = task(() => map([1, 2, 3], (n) => sayAndFail(n)));
const sayAndFail = task((n: number) => script\`echo no reads in sample \${n} >&2; exit 3\`);
export const absent = task(() => script\`nosuchtool --version\`);
export const many = task(() => map(Array.from({ length: 1000 }, (_, i) => String(i)), (i) => inline(i)));
`;

describe.concurrent("a failing job", () => {
  it("shows the task, the calls that led to it, its arguments, stderr's last lines, the work directory and what to do", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const { code, stdout, stderr } = await p.run("run", "workflow.ts");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const card = stderr.slice(stderr.indexOf("align failed"));
    expect(card).toMatch(/align failed: .*exited with status 7/);
    expect(card).toContain("main → perSample → align");
    expect(card).toContain('sample: "HG00100", depth: 3');
    expect(card).toMatch(/stderr +note 21\n/);
    expect(card).toContain("note 30\n");
    expect(card).not.toContain("note 20\n");
    const work = /work +(\.ligase\/work\/[\w-]+) .*\.command\.sh/.exec(card)?.[1];
    expect(p.read(`${work}/.command.sh`)).toContain("exit 7");
    const id = /more +ligase why (\w+)/.exec(card)![1]!;
    // The record says the same.
    const why = await p.ok("why", id);
    expect(why).toMatch(
      /in +main\(\) +\w{8}\n +→ perSample\(sample: "HG00100"\) +\w{8}\n +→ align\(sample: "HG00100", depth: 3\)/,
    );
    expect(why).toContain("note 30\n");
    expect(await p.json("why", "align")).toMatchObject({
      failure: { task: "align", path: ["main", "perSample", "align"], error: { code: "LIGASE_E_SCRIPT" } },
    });
    expect(await p.ok("log", id)).toContain("exited with status 7");
  });

  it("keeps the type of an exception and the user's own frames, in this process and in another", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    for (const task of ["inline", "isolated"]) {
      const { stderr } = await p.run("run", "workflow.ts", task, "--line", "lane 3");
      expect(stderr).toContain(`${task} failed: ReadError: no reads in lane 3`);
      expect(stderr).toMatch(/at +parse \(workflow\.ts:16:9\)/);
      expect(stderr).not.toMatch(/node:|bin\/ligase|src\/engine|dist\/engine/);
      if (task === "isolated") expect(stderr).toMatch(/stderr +reading lane 3/);
    }
  });

  it("says what is likely wrong where that can be known", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    expect((await p.run("run", "workflow.ts", "absent")).stderr).toMatch(
      /no program nosuchtool here[^]*try +install it/,
    );
  });

  it("shows of each what it wrote itself, though all failed alike", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const { stderr } = await p.run("run", "workflow.ts", "each");
    const wrote = stderr.match(/no reads in sample \d/g)?.toSorted();
    expect(wrote).toEqual([1, 2, 3].map((n) => `no reads in sample ${n}`));
    const { id } = (await p.json<{ id: string }[]>("log", "@", "--jobs", "--input", "3", "--task", "sayAndFail"))[0]!;
    expect(await p.ok("why", id)).toContain("no reads in sample 3");
  });

  it("keeps a card short, whatever was written", async () => {
    const p = project({
      "workflow.ts": `
import { script, task } from "ligase";
export const main = task((text: string) => script\`
  printf 'caf\\351\\n' >&2; head -c 10000000 /dev/zero | tr '\\0' x >&2; exit 1
\`);
`,
    });
    const { code, stderr } = await p.run("run", "workflow.ts", "--text", `a "b"\n-${"y".repeat(5000)}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/stderr +(caf\ufffd|x{100})/);
    expect(stderr.length).toBeLessThan(3000);
  });

  it("of a thousand failures shows a few, and counts the rest", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const { code, stderr } = await p.run("run", "workflow.ts", "many");
    expect(code).toBe(1);
    expect(stderr.match(/✗ inline failed/g)).toHaveLength(3);
    expect(stderr).toMatch(/… and 997 other failures: ligase log \w+ --failed/);
    expect(stderr.split("\n").length).toBeLessThan(40);
    const id = /ligase log (\w+) --failed/.exec(stderr)![1]!;
    expect(await p.ok("log", id, "--failed")).toContain("… and 991 more of inline");
  });
});
