import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CrateGraph, type Entity, idsOf, isA, violations, violationsOf } from "./crate-rules.ts";
import { type Project, project } from "./project.ts";

const FILES = {
  "package.json": '{ "type": "module", "license": "Apache-2.0" }',
  "workflow.ts": `
import { Dir, File, map, script, task } from "ligase";
import { shout } from "./lib/shout.ts";

/** Trims the reads of a lane. */
const trim = task({ cpu: 1 }, (reads: File, least: number = 3) => script({ outputs: "trimmed reads.fq" })\`
  cat \${reads} | tr -d A > 'trimmed reads.fq'
\`);
const count = task(async (trimmed: File) => (await trimmed.text()).length);
/** One lane: trimmed and counted. */
const lane = task((reads: File) => { const trimmed = trim(reads); return { trimmed, letters: count(trimmed) }; });
const gather = task({ cpu: 1 }, (all: { trimmed: File }[]) => script({ outputs: { all: "all.txt", parts: "parts/" } })\`
  mkdir parts && cp \${all.map((each) => each.trimmed)[0]!} parts/one && cat \${all.map((each) => each.trimmed)[0]!} > all.txt
\`);
/**
 * Does it all.
 */
export const main = task((lanes: File[], label: string = "x") => {
  const done = map(lanes, (reads) => lane(reads));
  return { gathered: gather(done), label: shout(label) };
});
export const alone = task((n: number) => n + 1);
export const fails = task((n: number) => { if (n > 0) throw new Error("no more than 0"); return alone(n); });
`,
  "lib/shout.ts": "export const shout = (text: string): string => text.toUpperCase();\n",
  "data/a.fq": "ACGTA",
  "data/b.fq": "AACC",
};

const RUN = ["run", "workflow.ts", "main", "--quiet", "--lanes", "data/a.fq", "data/b.fq"];

function read(p: Project, folder: string): CrateGraph {
  return new CrateGraph(JSON.parse(p.read(`${folder}/ro-crate-metadata.json`)));
}

const named = (graph: CrateGraph, type: string, name: string): readonly Entity[] =>
  graph.ofType(type).filter((entity) => entity["name"] === name);

describe.concurrent("ligase export --format ro-crate", () => {
  it("describes a run after the profiles of Workflow Run RO-Crate", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    const folder = (await p.ok("export", "--format", "ro-crate", "--include-inputs")).trim();
    expect(folder).toMatch(/^main-\w{8}\.crate$/);
    expect(violations(p.path(folder))).toEqual([]);

    const graph = read(p, folder);
    const root = graph.get("./")!;
    expect(root["license"]).toEqual({ "@id": "https://spdx.org/licenses/Apache-2.0" });
    expect(p.read(`${folder}/code/workflow.ts`)).toBe(FILES["workflow.ts"]);
    expect(p.read(`${folder}/code/lib/shout.ts`)).toBe(FILES["lib/shout.ts"]);
    expect(p.read(`${folder}/inputs/a.fq`)).toBe("ACGTA");
    expect(p.read(`${folder}/outputs/all.txt`)).toBe("CGT");
    expect(p.read(`${folder}/outputs/parts/one`)).toBe("CGT");
    expect(p.read(`${folder}/README.md`)).toContain("ligase run workflow.ts main");

    // One action for each execution: a script is the task's whose body built it, and a task that calls others is a workflow.
    for (const [task, n] of [
      ["trim", 2],
      ["count", 2],
      ["lane", 2],
      ["gather", 1],
    ] as const) {
      expect(named(graph, "CreateAction", task)).toHaveLength(n);
      expect(graph.ofType("CreateAction").filter((action) => action["name"] === "script")).toEqual([]);
    }
    const [lane] = named(graph, "ComputationalWorkflow", "lane");
    expect(graph.refs(lane!, "step").map((step) => step?.["name"])).toEqual(["trim", "count"]);
    expect(lane!["description"]).toBe("One lane: trimmed and counted.");
    const [run] = named(graph, "CreateAction", "Run of main");
    expect(run).toMatchObject({
      instrument: { "@id": "code/workflow.ts" },
      actionStatus: "http://schema.org/CompletedActionStatus",
      startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/),
    });
    expect(idsOf(run!["object"])).toEqual(expect.arrayContaining(["inputs/a.fq", "inputs/b.fq"]));
    expect(idsOf(run!["result"])).toEqual(expect.arrayContaining(["outputs/all.txt", "outputs/parts/"]));
    const label = graph.ofType("PropertyValue").find((value) => value["name"] === "label");
    expect(label).toMatchObject({ value: "X" });

    // What flowed from one execution into the next is one entity: named with its checksum, for it is not in the crate.
    const [between] = named(graph, "CreativeWork", "trimmed reads.fq");
    expect(between).toMatchObject({ contentSize: "2", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const trim = graph.referring("result", between!["@id"]).find((action) => action["name"] === "trim");
    expect(graph.referring("object", between!["@id"]).map((action) => action["name"])).toContain("count");
    const [tool] = named(graph, "SoftwareApplication", "trim");
    expect(graph.refs(tool!, "input").map((each) => [each?.["name"], each?.["additionalType"]])).toEqual([
      ["reads", "File"],
    ]);
    expect(graph.refs(trim!, "resourceUsage").map((each) => each?.["name"])).toContain("wallTime");
  });

  it("is the same whenever and however often it is written, and of a run that found everything", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    await p.ok("export", "--format", "ro-crate", "--out", "one.zip", "--files", "all");
    await p.ok("export", "--format", "ro-crate", "--out", "two.zip", "--files", "all");
    expect(readFileSync(p.path("two.zip")).equals(readFileSync(p.path("one.zip")))).toBe(true);
    unzip(p.path("one.zip"), p.path("unzipped"));
    expect(violations(p.path("unzipped"))).toEqual([]);
    expect(existsSync(p.path("unzipped/outputs/trimmed reads.fq")) || existsSync(p.path("unzipped/outputs"))).toBe(
      true,
    );
    expect(
      read(p, "unzipped")
        .ofType("File")
        .map((file) => file["@id"]),
    ).toContainEqual(expect.stringMatching(/^outputs\/[0-9a-f]{12}\/trimmed%20reads\.fq$/));

    await p.ok(...RUN);
    await p.ok("export", "--format", "ro-crate", "--out", "cached");
    expect(violations(p.path("cached"))).toEqual([]);
    // When things ran, and with what, is still known.
    const [trim] = named(read(p, "cached"), "CreateAction", "trim");
    expect(trim).toMatchObject({ startTime: expect.any(String), resourceUsage: expect.anything() });
  });

  it("describes no more executions of a task than asked for, and says so", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    const { code, stdout, stderr } = await p.run(
      "export",
      "--format",
      "ro-crate",
      "--max-actions",
      "1",
      "--json",
      "--out",
      "c",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "without 3 executions (--max-actions)\n" });
    expect(JSON.parse(stdout)).toMatchObject({ actions: 5, left: { trim: 1, count: 1, lane: 1 } });
    expect(violations(p.path("c"))).toEqual([]);
  });

  it("of a task that calls no other, and of a run that failed", async () => {
    const p = project(FILES);
    await p.ok("run", "workflow.ts", "alone", "--n", "1");
    await p.ok("export", "--format", "ro-crate", "--out", "alone", "--license", "https://example.org/terms");
    expect(violations(p.path("alone"))).toEqual([]);
    expect(read(p, "alone").get("./")!["license"]).toEqual({ "@id": "https://example.org/terms" });

    expect((await p.run("run", "workflow.ts", "fails", "--n", "1")).code).toBe(1);
    await p.ok("export", "--format", "ro-crate", "--out", "failed");
    expect(violations(p.path("failed"))).toEqual([]);
    expect(named(read(p, "failed"), "CreateAction", "Run of fails")[0]).toMatchObject({
      actionStatus: "http://schema.org/FailedActionStatus",
      error: "no more than 0",
    });
  });

  it("refuses what makes no sense, and never writes over what is there", async () => {
    const p = project({ ...FILES, "package.json": '{ "type": "module" }' });
    await p.ok("run", "workflow.ts", "alone", "--n", "1");
    const refused = async (...args: string[]) => {
      const { code, stderr } = await p.run("export", ...args);
      return `${code} ${stderr}`;
    };
    expect(await refused("--format", "zip")).toMatch(/^2 .*--format zip is none of archive and ro-crate/s);
    expect(await refused("--license", "MIT")).toMatch(/^2 .*--license belongs to --format ro-crate/s);
    expect(await refused("--format", "ro-crate", "--out", "-")).toMatch(/^2 .*cannot go to stdout/s);
    mkdirSync(p.path("mine"));
    writeFileSync(p.path("mine/thesis.tex"), "years");
    expect(await refused("--format", "ro-crate", "--out", "mine/.")).toMatch(/^0 /);
    expect(p.read("mine/thesis.tex")).toBe("years");
    // A folder that is there gets the crate as a folder in it.
    const { stderr } = await p.run("export", "--format", "ro-crate", "--out", "new.crate");
    expect(stderr).toContain("no licence is stated");
    const inside = await p.run("export", "--format", "ro-crate", "--out", "new.crate");
    expect(inside.stdout).toMatch(/^new\.crate\/alone-\w{8}\.crate\n$/);
    const again = await refused("--format", "ro-crate", "--out", "new.crate");
    expect(again).toMatch(/^1 .*is there already, and it is not an empty folder/s);
  });

  it("is held to rules that can be broken", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    await p.ok("export", "--format", "ro-crate", "--out", "c");
    const json = JSON.parse(p.read("c/ro-crate-metadata.json")) as { "@graph": Entity[] };
    const broken = (change: (entity: Entity) => Entity | undefined): readonly string[] =>
      violationsOf({ ...json, "@graph": json["@graph"].flatMap((entity) => change(entity) ?? []) }, p.path("c"));
    const without = (type: string, property: string) =>
      broken((entity) => (isA(entity, type) ? { ...entity, [property]: undefined } : entity));
    expect(broken((entity) => entity)).toEqual([]);
    for (const [type, property] of [
      ["Dataset", "license"],
      ["CreateAction", "instrument"],
      ["ControlAction", "object"],
      ["OrganizeAction", "result"],
      ["HowToStep", "workExample"],
      ["ComputationalWorkflow", "hasPart"],
      ["FormalParameter", "additionalType"],
      ["PropertyValue", "propertyID"],
    ] as const) {
      expect([type, property, without(type, property).length > 0]).toEqual([type, property, true]);
    }
    expect(broken((entity) => (isA(entity, "Person") ? undefined : entity))).toContainEqual(
      expect.stringContaining("is described"),
    );
    writeFileSync(p.path("c/outputs/all.txt"), "TAMPERED");
    expect(broken((entity) => entity)).toContainEqual(expect.stringContaining("a checksum is right: outputs/all.txt"));
  });
});

/** Unpacks a zip file by its central directory (APPNOTE 6.3.10, 4.3.12). */
function unzip(file: string, to: string): void {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = zip.readUInt32LE(end + 16);
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const [size, name, extra, comment] = [20, 28, 30, 32].map((field, i) =>
      i === 0 ? zip.readUInt32LE(at + field) : zip.readUInt16LE(at + field),
    );
    const path = `${to}/${zip.toString("utf8", at + 46, at + 46 + name!)}`;
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + size!);
    mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    writeFileSync(path, zip.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes));
    at += 46 + name! + extra! + comment!;
  }
}
