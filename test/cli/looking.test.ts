import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { type File, map, script, task } from "ligase";

/** Counts the bases of a sample. */
export const count = task({ tags: { step: "count" } }, (reads: File, minLength: number = 3) => script({ outputs: { text: "count.txt", all: "more/" } })\`
  mkdir -p more/b
  wc -c < \${reads} | tee count.txt
  cp count.txt more/a.txt; cp count.txt more/b/c.txt
  echo counted \${minLength} >&2
\`);
export const check = task((name: string) => {
  if (name.includes("bad")) throw new Error("the name is " + name);
  return { name, sizes: [1, { deep: "text" }], bytes: new Uint8Array([0, 255, 10]) };
});
export const main = task((reads: File[], name: string = "good") => [map(reads, (file) => count(file)), check(name)]);
`,
  "SRR1.fq": "ACGT\n",
  "SRR2.fq": "ACGTACGT\n",
};

async function ran(): Promise<Project> {
  const p = project(FILES);
  await p.ok("run", "workflow.ts", "--quiet", "--tag", "batch=7", "--reads", "SRR1.fq", "SRR2.fq");
  const bad = await p.run("run", "workflow.ts", "--quiet", "--tag", "batch=8", "--reads", "SRR1.fq", "--name", "bad1");
  expect(bad.code).toBe(1);
  return p;
}

const lines = (text: string): string[] => text.trimEnd().split("\n");

describe.concurrent("what is selected", () => {
  it("runs: by state, by a task of theirs, by what they were given, by tag, by time", async () => {
    const p = await ran();
    const tags = async (...flags: string[]) =>
      (await p.json<{ tags: { batch: string } }[]>("log", ...flags)).map((run) => Number(run.tags.batch));
    expect(await tags()).toEqual([8, 7]);
    expect(await tags("--failed")).toEqual([8]);
    expect(await tags("--state", "done")).toEqual([7]);
    expect(await tags("--state", "done,failed")).toEqual([8, 7]);
    expect(await tags("--state", "running")).toEqual([]);
    expect(await tags("--task", "count")).toEqual([8, 7]);
    expect(await tags("--task", "check", "--failed")).toEqual([8]);
    expect(await tags("--task", "count", "--failed")).toEqual([]);
    expect(await tags("--input", "SRR2")).toEqual([7]);
    expect(await tags("--tag", "batch=7")).toEqual([7]);
    expect(await tags("--since", "1h")).toEqual([8, 7]);
    expect(await tags("--since", "today")).toEqual([8, 7]);
    expect(await tags("--since", "2099-01-01")).toEqual([]);
    expect(await p.run("log", "--since", "2099-01-01")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "no run is like that\n",
    });
  });

  it("jobs: of a run or of all, without scripts, counted as the live table counts", async () => {
    const p = await ran();
    const jobs = async (...flags: string[]) =>
      (await p.json<{ task: string; state: string }[]>("log", "--jobs", ...flags)).map(
        ({ task, state }) => `${task} ${state}`,
      );
    expect((await jobs("@~1")).toSorted()).toEqual(["check done", "count done", "count done", "main done"]);
    expect((await jobs("@")).toSorted()).toEqual(["check failed", "count cached", "main failed"]);
    expect(await jobs()).toHaveLength(7);
    expect(await jobs("--task", "check", "--failed")).toEqual(["check failed"]);
    expect(await jobs("--input", "SRR2", "--task", "count")).toEqual(["count done"]);
    expect((await jobs("--tag", "step=count", "--tag", "batch=7")).toSorted()).toEqual(["count done", "count done"]);
    expect(await jobs("--state", "cached")).toEqual(["count cached"]);
    expect(lines(await p.ok("log"))[0]).toMatch(/ 1 cached, 2 failed +batch=8$/);
    expect(lines(await p.ok("log"))[1]).toMatch(/ 4 done +batch=7$/);
    const tree = await p.ok("log", "@~1", "--input", "SRR2");
    expect(tree.match(/count/g)).toHaveLength(1);
    expect(await p.ok("show", "@", "--failed")).not.toContain("count");
    // A body that was a hit while its script ran again has run.
    const [{ text }] = (await p.json("cat", "count", "--input", "SRR1"))
      ? [await p.json("cat", "count", "--input", "SRR1")]
      : [];
    p.write(text, "changed");
    await p.ok("run", "workflow.ts", "--quiet", "--reads", "SRR1.fq");
    expect((await jobs("@", "--state", "done")).toSorted()).toEqual(["count done", "main done"]);
    expect(lines(await p.ok("log"))[0]).toMatch(/ 2 done, 1 cached/);
    const [again] = await p.json("log", "@", "--jobs", "--task", "count", "--columns", "duration,memory");
    expect(again.duration).toBeGreaterThan(0);
  });

  it("names what is wrong with a selection", async () => {
    const p = await ran();
    const error = async (...args: string[]) => {
      const { code, stdout, stderr } = await p.run(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      return stderr;
    };
    expect(await error("log", "--state", "fialed")).toContain("did you mean failed?");
    expect(await error("log", "--state", "cached")).toContain("ligase log --jobs --state cached");
    expect(await error("log", "--since", "then")).toContain("--since then is no time");
    expect(await error("log", "--task", "chek")).toContain("did you mean check?");
    expect(await error("log", "--jobs", "--task", "chek")).toContain("did you mean check?");
    expect(await error("log", "--tag", "batch")).toContain("--tag batch has no value");
    expect(await error("log", "--limit", "-1")).toContain("--limit");
    expect(await error("log", "--page", "0")).toContain("--page 0 is no page");
    expect(await error("log", "--columns", "id,tsk")).toContain("did you mean task?");
    expect(await error("log", "--columns", ",")).toContain("there are id, task");
    expect(await error("show", "--task", "check", "--state", "cancelled")).toContain("no job is like that");
    expect(await error("logs", "--task", "chek")).toContain("did you mean check?");
  });
});

describe.concurrent("tables", () => {
  it("have the columns that are asked for, for people and for programs", async () => {
    const p = await ran();
    const [head, ...rows] = lines(await p.ok("log", "@~1", "--columns", "task,state,outcome,args,code"));
    expect(head).toMatch(/^task +state +outcome +args +code$/);
    expect(rows).toContainEqual(expect.stringMatching(/^count +done +done +reads: "SRR1.fq" +workflow.ts:5$/));
    const [job] = await p.json("log", "@~1", "--jobs", "--task", "count", "--columns", "id,host,duration,started,tags");
    expect(job).toEqual({
      id: expect.stringMatching(/^\w{13}$/),
      host: expect.any(String),
      duration: expect.any(Number),
      started: expect.any(Number),
      tags: { step: "count" },
    });
    const runs = await p.json("log", "--columns", "task,jobs,command,host");
    expect(runs[1]).toMatchObject({
      task: "main",
      jobs: { done: 4, failed: 0 },
      command: expect.arrayContaining(["run"]),
    });
    expect(lines(await p.ok("log", "--jobs"))[0]).toMatch(/^id +task +state +started +duration +memory +args$/);
    const error = lines(await p.ok("log", "--jobs", "--task", "check", "--failed", "--columns", "error"));
    expect(error).toEqual(["error", "the name is bad1"]);
  });

  it("show a page, and say that there are more", async () => {
    const p = await ran();
    const first = await p.run("log", "--jobs", "-n", "2");
    expect(lines(first.stdout)).toHaveLength(3);
    expect(first.stderr).toBe("more: --page 2, or -n 0 for all\n");
    const ids: string[] = [];
    for (const page of ["1", "2", "3", "4"]) {
      const jobs = await p.json<{ id: string }[]>("log", "--jobs", "-n", "2", "--page", page);
      ids.push(...jobs.map(({ id }) => id));
    }
    expect(ids).toEqual((await p.json<{ id: string }[]>("log", "--jobs", "-n", "0")).map(({ id }) => id));
    expect((await p.run("log", "-n", "2")).stderr).toBe("");
  });

  it("write times as they are asked for", async () => {
    const p = await ran();
    const started = async (...flags: string[]) => {
      const { stdout } = await p.start(["log", "-n", "1", "--columns", "started", ...flags], {
        env: { TZ: "Asia/Kathmandu" },
      }).ended;
      return lines(stdout)[1];
    };
    const [{ startedAt }] = await p.json("log", "-n", "1");
    expect(await started()).toBe("just now");
    expect(await started("--utc")).toBe(new Date(startedAt).toISOString().replace(/\.\d+/, ""));
    const local = await started("--iso");
    expect(local).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:45$/);
    expect(Date.parse(local!)).toBe(Math.floor(startedAt / 1000) * 1000);
  });

  it("print JSON as one list, or a line each", async () => {
    const p = await ran();
    for (const command of [
      ["log"],
      ["log", "--jobs"],
      ["tasks"],
      ["tasks", "workflow.ts"],
      ["logs", "@~1"],
      ["show", "count"],
    ]) {
      const list = await p.json<unknown[]>(...command);
      expect(list.length).toBeGreaterThan(0);
      const each = lines(await p.ok(...command, "--jsonl")).map((line) => JSON.parse(line) as unknown);
      expect(each.map((one) => JSON.stringify(one)).toSorted()).toEqual(
        list.map((one) => JSON.stringify(one)).toSorted(),
      );
    }
    expect(JSON.parse(await p.ok("show", "@", "--jsonl"))).toMatchObject({ task: "main", jobs: expect.any(Array) });
    expect(await p.json("logs", "@~1", "--task", "check")).toEqual([]);
  });
});

describe.concurrent("the list of runs", () => {
  it("says when there is no such page", async () => {
    const p = await ran();
    expect(await p.run("log", "--page", "9")).toMatchObject({ code: 0, stdout: "", stderr: "there is no page 9\n" });
  });

  it("tells which are pinned, beside the mode", async () => {
    const p = await ran();
    await p.ok("run", "workflow.ts", "--quiet", "--sample", "1", "--reads", "SRR1.fq");
    await p.ok("pin", "@", "@~1");
    expect(lines(await p.ok("log")).map((line) => / (?:done|failed)( \(.*?\))?/.exec(line)?.[1])).toEqual([
      " (sample, pinned)",
      " (pinned)",
      undefined,
    ]);
  });
});

describe.concurrent("@ is the newest run", () => {
  it("and @~1 the one before it, wherever a run is named", async () => {
    const p = await ran();
    const [newest, before] = await p.json<{ id: string }[]>("log");
    for (const word of ["@", "last", "@~0"]) expect((await p.json("show", word)).id).toBe(newest!.id);
    for (const word of ["@~1", "last~1"]) expect((await p.json("show", word)).id).toBe(before!.id);
    expect((await p.json("why", "@~1")).run).toBe(before!.id);
    expect(await p.run("log", "@~2")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("not so many have run here"),
    });
    expect(await project().run("log", "@")).toMatchObject({ code: 1 });
  });
});

describe.concurrent("ligase cat", () => {
  it("prints results: text and files as they are, folders as lists, the rest as JSON", async () => {
    const p = await ran();
    const [run] = await p.json<{ id: string }[]>("log", "--state", "done");
    expect(JSON.parse(await p.ok("cat", run!.id))).toEqual(await p.json("cat", "@~1"));
    expect(await p.ok("cat", "count", "--input", "SRR2", "text")).toBe("9\n");
    expect(await p.ok("cat", "count.text", "--input", "SRR1")).toBe("5\n");
    expect(await p.ok("cat", "@~1[0][1].text")).toBe("9\n");
    expect(await p.ok("cat", "@~1", "0.1.text")).toBe("9\n");
    expect(await p.ok("cat", "count", "all")).toBe("a.txt\nb/c.txt\n");
    expect(await p.ok("cat", "check", "--state", "done", "sizes[1].deep")).toBe("text\n");
    expect(await p.ok("cat", "@~1", "--task", "check", "name")).toBe("good\n");
    expect(await p.ok("cat", "check.sizes", "--state", "done")).toBe('[\n  1,\n  {\n    "deep": "text"\n  }\n]\n');
    const path = await p.json<string>("cat", "count", "text");
    expect(readFileSync(p.path(path), "utf8")).toMatch(/^\d\n$/);
  });

  it("prints bytes as they are", async () => {
    const p = project({
      "workflow.ts":
        'import { task } from "ligase";\nexport const main = task(() => new Uint8Array([0, 255, 10, 200]));\n',
    });
    await p.ok("run", "workflow.ts", "--quiet");
    const { child, ended } = p.start(["cat", "@"]);
    const bytes: Buffer[] = [];
    child.stdout!.setEncoding("latin1").on("data", (text: string) => bytes.push(Buffer.from(text, "latin1")));
    await ended;
    expect(Buffer.concat(bytes)).toEqual(Buffer.from([0, 255, 10, 200]));
  });

  it("prints what a job was given and what it wrote", async () => {
    const p = await ran();
    expect(await p.ok("cat", "count:stdout", "--input", "SRR1", "--state", "done")).toBe("5\n");
    expect(await p.ok("cat", "count:stderr", "--state", "done")).toBe("counted 3\n");
    expect(await p.ok("cat", "count:args.reads", "--input", "SRR2")).toBe(FILES["SRR2.fq"]);
    expect(await p.json("cat", "check:args")).toEqual(["bad1"]);
    expect(await p.ok("cat", "@:args.name")).toBe("bad1\n");
  });

  it("fetches what lies on a server", async () => {
    const server = createServer((request, response) =>
      request.url === "/reads.fq" ? response.end("ACGT\n") : response.writeHead(404).end(),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/reads.fq`;
    const p = project({
      "workflow.ts":
        'import { File, task } from "ligase";\nexport const main = task((url: string) => new File(url));\n',
    });
    await p.ok("run", "workflow.ts", "--quiet", "--url", url);
    expect(await p.ok("cat", "@")).toBe("ACGT\n");
    server.close();
    server.closeAllConnections();
    const gone = await p.run("cat", "@");
    expect(gone).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`cannot fetch ${url}`) });
  });

  it("says what is not there", async () => {
    const p = await ran();
    const error = async (code: number, ...args: string[]) => {
      const ended = await p.run("cat", ...args);
      expect(ended).toMatchObject({ code, stdout: "" });
      return ended.stderr;
    };
    expect(await error(1, "@")).toMatch(/run \w{8} has no result: it is failed\n +ligase why \w{8}\n/);
    expect(await error(1, "check")).toContain("of check has no result: it is failed");
    expect(await error(2, "count", "txt")).toContain("did you mean text?");
    expect(await error(2, "@~1[9]")).toContain("it is a list of 2, counted from 0");
    expect(await error(2, "count:args.minLength")).toContain("minLength was not given");
    expect(await error(2, "count:nothing")).toContain("there are :stdout, :stderr, :args");
    expect(await error(2, "@:stdout")).toContain("--stdout prints all of it");
    expect(await error(2, "cuont")).toContain("did you mean count?");
    const path = await p.json<string>("cat", "count", "text", "--input", "SRR2");
    p.write(path, "");
    const { rmSync } = await import("node:fs");
    rmSync(p.path(path));
    expect(await error(1, "count", "text", "--input", "SRR2")).toContain("run the workflow again");
  });
});

describe.concurrent("ligase tasks", () => {
  it("lists what ran, of all and of a run", async () => {
    const p = await ran();
    const table = lines(await p.ok("tasks"));
    expect(table[0]).toMatch(/^task +jobs +mean +code$/);
    expect(table).toContainEqual(expect.stringMatching(/^count +2 done, 1 cached +\S+ +workflow.ts:5$/));
    const tasks = await p.json<{ name: string; jobs: Record<string, number> }[]>("tasks", "@");
    expect(tasks.map(({ name, jobs }) => [name, jobs["cached"], jobs["failed"]])).toEqual([
      ["check", 0, 1],
      ["count", 1, 0],
      ["main", 0, 1],
    ]);
    expect(await p.json("tasks", "--failed", "--tag", "batch=8", "--columns", "task,failed")).toEqual([
      { task: "check", failed: 1 },
      { task: "main", failed: 1 },
    ]);
    expect(await p.run("tasks", "workflow.ts", "--failed")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("about what ran"),
    });
  });
});

describe.concurrent("ligase logs", () => {
  it("prints those of chosen jobs", async () => {
    const p = await ran();
    expect(lines(await p.ok("logs", "@~1", "--input", "SRR2")).map((line) => line.replace(/^.*│ /, ""))).toEqual([
      "9",
      "counted 3",
    ]);
    expect(await p.ok("logs", "@~1", "--failed")).toBe("");
    const [line] = await p.json("logs", "@~1", "--input", "SRR1", "--stdout");
    expect(line).toEqual({
      run: expect.any(String),
      job: expect.any(String),
      task: "count",
      attempt: 1,
      stream: "stdout",
      text: "5",
    });
    expect(await p.ok("logs", "count", "--stdout")).toBe("");
  });
});

describe.concurrent("errors", () => {
  it("name what is missing: a word, or the value of a flag", async () => {
    const p = await ran();
    const said = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await p.run(...args);
      expect(code).toBe(2);
      return stderr.split("\n")[0]!;
    };
    expect(await said("pin")).toBe("error ligase pin needs <run>");
    expect(await said("log", "--task", "--failed")).toBe("error --task needs a value: <task>");
    expect(await said("log", "-n")).toBe("error --limit needs a value: <n>");
  });

  it("point from a file, which ligase cat does not print, to its lineage", async () => {
    const p = await ran();
    expect(await p.run("cat", "./SRR1.fq")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("ligase lineage ./SRR1.fq tells where it came from"),
    });
  });

  it("show their code, once, and ligase show says what it means", async () => {
    const p = await ran();
    const { stderr } = await p.run("log", "zzzz");
    expect(stderr.match(/LIGASE_E_ID/g)).toHaveLength(1);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("  LIGASE_E_ID");
    expect(await p.ok("show", "LIGASE_E_ID")).toMatch(/^LIGASE_E_ID\n {2}\S.*\n {2}ligase log\n$/);
    expect(await p.json("show", "ligase_e_id")).toEqual({
      code: "LIGASE_E_ID",
      when: expect.any(String),
      mend: "ligase log",
    });
    expect(await p.run("show", "LIGASE_E_IDD")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean LIGASE_E_ID?"),
    });
  });
});
