import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { beforeAll, describe, expect, it } from "vitest";
import { type Project, project, until } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { attempt, File, lift, map, script, task } from "ligase";
import { note } from "./lib/note.ts";

const trim = task(async (reads: File) => {
  note("trim");
  return File.write("trimmed-" + reads.name, (await reads.text()).trim());
});
const count = task((trimmed: File) => script({ outputs: { n: "n.txt", parts: "parts/" } })\`
  echo count >> "$LEDGER"
  mkdir -p parts/empty && cp \${trimmed} parts/ && cp /bin/true parts/tool && ln -s tool parts/link
  wc -c < \${trimmed} > n.txt
\`);
const fails = task((x: number) => { note("fails"); throw new Error("no " + x); });
const awaits = task(async (reads: File) => { note("awaits"); return (await (await trim(reads)).text()).length; });
export const main = task((lanes: File[]) => {
  note("main");
  return {
    counts: map(lanes, (lane) => count(trim(lane))),
    recovered: attempt(fails(1), (error) => lift((e: Error) => e.message)(error)),
    lengths: map(lanes, (lane) => awaits(lane)),
  };
});
`,
  "lib/note.ts": `
import { appendFileSync } from "node:fs";
export function note(line: string) { appendFileSync(process.env.LEDGER!, line + "\\n"); }
`,
};

/** A project with the same workflow, and reads in a folder of its own. */
function withReads(folder: string): Project {
  const p = project(FILES);
  p.write(`${folder}/a.fq`, "ACGT\n");
  p.write(`${folder}/b.fq`, "GG\n");
  return p;
}

/** Runs the workflow; answers its result, and which bodies ran. */
async function runHere(p: Project, folder: string): Promise<{ value: Result; ran: string[] }> {
  rmSync(p.path("ledger"), { force: true });
  const args = ["run", "workflow.ts", "main", "--json", "--lanes", `${folder}/a.fq`, `${folder}/b.fq`];
  const { code, stdout, stderr } = await p.start(args, { env: { LEDGER: p.path("ledger") } }).ended;
  if (code !== 0) throw new Error(stderr);
  return { value: JSON.parse(stdout), ran: p.read("ledger").split("\n").filter(Boolean).sort() };
}

interface Result {
  counts: { n: string; parts: string }[];
  recovered: string;
  lengths: number[];
}

const ALL = ["awaits", "awaits", "count", "count", "fails", "main", "trim", "trim"];

/** Everything in a store that may not change: files by content, and what the record says. */
async function stateOf(p: Project): Promise<unknown> {
  const files = existsSync(p.path(".ligase"))
    ? readdirSync(p.path(".ligase"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.startsWith("store.db"))
        .map((entry) => `${entry.parentPath}/${entry.name}`)
        .sort()
    : [];
  const hashes = files.map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]);
  return { hashes, runs: existsSync(p.path(".ligase/store.db")) ? await p.json("log") : [] };
}

describe.concurrent("ligase export and import", () => {
  it("a colleague runs nothing, though the inputs lie elsewhere, and gets the outputs from the archive", async () => {
    const ada = withReads("data");
    const first = await runHere(ada, "data");
    expect(first.ran).toEqual(ALL);
    const archive = (await ada.ok("export")).trim();
    expect(archive).toMatch(/^main-\w{8}\.ligase\.tar\.gz$/);
    const bob = withReads("where it is/deep");
    renameSync(ada.path(archive), bob.path("from-ada.tar.gz"));
    rmSync(ada.path(".ligase"), { recursive: true });

    const id = (await bob.ok("import", "from-ada.tar.gz")).trim();
    const again = await runHere(bob, "where it is/deep");
    expect(again).toEqual({ value: first.value, ran: [] });
    expect(bob.read(again.value.counts[0]!.n)).toBe("4\n");
    const parts = bob.path(again.value.counts[1]!.parts);
    expect(readdirSync(parts).sort()).toEqual(["empty", "link", "tool", "trimmed-b.fq"]);
    expect(readFileSync(`${parts}/link`).equals(readFileSync("/bin/true"))).toBe(true);
    // The record came along: the run of somebody else is one like any other.
    const runs = await bob.json<{ id: string; state: string }[]>("log");
    expect(runs.map((run) => run.state)).toEqual(["done", "done"]);
    expect(await bob.ok("log", id)).toContain("✗ fails");
    expect(await bob.ok("show", "count")).toContain("mkdir -p parts/empty");
    expect(await bob.ok("why", "count")).toContain("cached");
    // And what changes runs as it would have there.
    bob.edit("workflow.ts", "wc -c", "wc -m");
    expect((await runHere(bob, "where it is/deep")).ran).toEqual(["count", "count"]);
  });

  it("the same run gives the same bytes, from the store it was imported into too", async () => {
    const ada = withReads("data");
    await runHere(ada, "data");
    const { path, run } = await ada.json<{ path: string; run: { id: string } }>("export", "--out", "one.ligase.tar.gz");
    await ada.ok("export", run.id, "--out", "two.ligase.tar.gz");
    const bytes = readFileSync(path);
    expect(readFileSync(ada.path("two.ligase.tar.gz")).equals(bytes)).toBe(true);
    const bob = project(FILES);
    await bob.ok("import", path);
    const before = await stateOf(bob);
    await bob.ok("import", path);
    expect(await stateOf(bob)).toEqual(before);
    await bob.ok("export", "--out", "back.ligase.tar.gz");
    expect(readFileSync(bob.path("back.ligase.tar.gz")).equals(bytes)).toBe(true);
    // Into the store that it came from, too, where nothing of the run is lost by it.
    const log = await ada.ok("show", run.id);
    await ada.ok("import", path);
    expect(await ada.ok("show", run.id)).toBe(log);
  });

  it("takes the files that it is told to; tasks whose files are not there run again", async () => {
    const ada = withReads("data");
    await runHere(ada, "data");
    const members = async (...args: string[]): Promise<string[]> => {
      const { members } = await ada.json<{ members: { path: string }[] }>("export", "--out", "x.tar", ...args);
      return members
        .flatMap(({ path }) => (path.startsWith("store/") ? [path.split("/").slice(4).join("/")] : []))
        .sort();
    };
    const parts = (name: string) => [`parts/tool`, `parts/trimmed-${name}.fq`];
    expect(await members("--files", "none")).toEqual([]);
    expect(await members("--files", "outputs")).toEqual(["n.txt", "n.txt", ...parts("a"), ...parts("b")].sort());
    expect(await members("--files", "trimmed-*.fq", "--files", "n.*")).toEqual(
      ["n.txt", "n.txt", "trimmed-a.fq", "trimmed-b.fq"].sort(),
    );
    expect(await members("--include-inputs", "--files", "none")).toEqual(["a.fq", "b.fq"]);
    const nothing = await ada.run("export", "--files", "*.bam");
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining("like *.bam") });
    expect(await ada.run("export", "--files", "all", "--files", "*.fq")).toMatchObject({ code: 2 });

    const some = await ada.run("export", "--files", "trimmed-*", "--out", "some.tar.gz");
    expect(some.stderr).toMatch(/without \d files that tasks made: these tasks will run again/);
    const bob = withReads("mine");
    await bob.ok("import", ada.path("some.tar.gz"));
    expect((await runHere(bob, "mine")).ran).toEqual(["count", "count"]);
  });

  it("with its inputs it runs where there are none", async () => {
    const ada = withReads("data");
    await runHere(ada, "data");
    await ada.ok("export", "--include-inputs", "--out", "all.tar");
    const bob = project(FILES);
    await bob.ok("import", ada.path("all.tar"));
    const [run] = await bob.json<{ argsValue: string }[]>("log");
    const places = [...(await bob.ok("show", run!.argsValue)).matchAll(/[^"\s]*\/outputs\/[^"\s]*/g)].map(String);
    expect(places.map((place) => bob.read(place))).toEqual(["ACGT\n", "GG\n"]);
    mkdirSync(bob.path("found"));
    for (const place of places) cpSync(bob.path(place), bob.path("found", place.split("/").at(-1)!));
    expect((await runHere(bob, "found")).ran).toEqual([]);
  });

  it("goes through a pipe, and lists what is in an archive without importing it", async () => {
    const ada = withReads("data");
    await runHere(ada, "data");
    await ada.ok("export", "--out", "out.ligase.tar");
    const { members, run } = await ada.json("import", "--list", "out.ligase.tar");
    expect(members[0]).toMatchObject({ path: "rows.jsonl", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const listing = await ada.ok("import", "--list", "out.ligase.tar");
    expect(listing).toContain(`run ${run.id.slice(0, 8)} of main (done`);
    expect(listing).toMatch(/ code\/workflow\.ts$/m);
    expect(listing).toMatch(/ {2}store\/outputs\/..\/[0-9a-f]{40}\/n\.txt$/m);

    const bob = withReads("data");
    const piped = bob.start(["import", "-"], { stdin: readFileSync(ada.path("out.ligase.tar")) });
    expect(await piped.ended).toMatchObject({ code: 0, stdout: `${run.id}\n` });
    expect((await runHere(bob, "data")).ran).toEqual([]);
    const out = await ada.run("export", "--out", "-");
    expect(out.code).toBe(0);
    mkdirSync(ada.path("folder"));
    expect((await ada.ok("export", "--out", "folder")).trim()).toMatch(/^folder\/main-\w{8}\.ligase\.tar\.gz$/);
  });

  it("keeps results that are here already", async () => {
    const flow = {
      "workflow.ts":
        'import { task, File } from "ligase";\nexport const main = task(() => File.write("t", String(performance.now())));\n',
    };
    const [ada, bob] = [project(flow), project(flow)];
    await ada.ok("run", "workflow.ts");
    await bob.ok("run", "workflow.ts");
    const [place] = [await bob.json<string>("run", "workflow.ts")];
    const mine = bob.read(place);
    await ada.ok("export", "--out", "a.tar.gz");
    const { stderr } = await bob.run("import", ada.path("a.tar.gz"));
    expect(stderr).toContain("1 call had another result here already, which was kept");
    expect(bob.read(await bob.json<string>("run", "workflow.ts"))).toBe(mine);
    // Unless it is not whole any more.
    writeFileSync(bob.path(place), "tampered");
    await bob.ok("import", ada.path("a.tar.gz"));
    expect(bob.read(await bob.json<string>("run", "workflow.ts"))).toBe(ada.read(place));
  });

  it("refuses a run that goes on", async () => {
    const p = project({
      "workflow.ts":
        'import { task } from "ligase";\nexport const main = task(async () => new Promise((r) => setTimeout(r, 60_000)));\n',
    });
    const run = p.start(["run", "workflow.ts"]);
    await until(
      async () => existsSync(p.path(".ligase/store.db")) && (await p.run("log")).stdout.includes("running"),
      "the run",
    );
    expect(await p.run("export")).toMatchObject({ code: 1, stderr: expect.stringContaining("is still running") });
    run.child.kill("SIGKILL");
    await run.ended;
    await p.ok("export", "--out", "interrupted.tar");
    const q = project();
    await q.ok("import", p.path("interrupted.tar"));
    expect((await q.json("log"))[0]).toMatchObject({ state: "interrupted" });
  });
});

describe("what is no archive, or not what it was", () => {
  const head = (change: object = {}) => ({
    format: "ligase-archive",
    version: 1,
    manifest: { bytes: 2, sha256: "" },
    ...change,
  });
  const tar = async (...members: [name: string, body: string, type?: "file" | "symlink"][]): Promise<Uint8Array> =>
    packTar(
      members.map(([name, body, type = "file"]) =>
        type === "file"
          ? { header: { name, size: Buffer.byteLength(body) }, body }
          : { header: { name, size: 0, type, linkname: body } },
      ),
    );
  /** An archive with a manifest of these members, right but for what a test says. */
  async function archive(
    paths: readonly string[],
    more: object = {},
    links: readonly string[] = [],
  ): Promise<Uint8Array> {
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    const member = (path: string) => ({ path, bytes: 4, sha256: sha256("text") });
    const manifest = JSON.stringify({
      ligase: "0.1.0",
      run: {
        id: "run0000000001",
        task: "main",
        state: "done",
        startedAt: 0,
        endedAt: 1,
        user: "",
        host: "",
        argv: [],
        tags: {},
      },
      rows: {},
      code: [],
      folders: [],
      links: [],
      absent: { given: 0, made: 0 },
      members: ["rows.jsonl", ...paths].map(member),
      ...more,
    });
    return tar(
      [
        "ligase-archive.json",
        JSON.stringify(head({ manifest: { bytes: Buffer.byteLength(manifest), sha256: sha256(manifest) } })),
      ],
      ["manifest.json", manifest],
      ...["rows.jsonl", ...paths].map((path): [string, string] => [path, "text"]),
      ...links.map((path): [string, string, "symlink"] => [path, "/etc/passwd", "symlink"]),
    );
  }
  const p = withReads("data");
  beforeAll(async () => void (await runHere(p, "data")));
  const call = `outputs/ab/${"ab".repeat(20)}`;

  it.each<[string, () => Promise<Uint8Array | string> | Uint8Array | string, string]>([
    ["nothing", () => "", "is no archive of a run"],
    ["a text", () => "samples,reads\n".repeat(1000), "is no archive of a run"],
    ["a compressed text", () => gzipSync("samples,reads\n".repeat(1000)), "is no archive of a run"],
    ["another tar file", () => tar(["readme.txt", "hello"]), "does not begin with ligase-archive.json"],
    ["another format", () => tar(["ligase-archive.json", '{"format":"other"}']), "names another format"],
    [
      "one of a newer version",
      () => tar(["ligase-archive.json", JSON.stringify(head({ version: 3 }))]),
      "newer Ligase",
    ],
    ["no JSON", () => tar(["ligase-archive.json", "{"]), "is damaged"],
    ["no manifest", () => tar(["ligase-archive.json", JSON.stringify(head())]), "ends too early"],
    [
      "another manifest",
      () => tar(["ligase-archive.json", JSON.stringify(head())], ["manifest.json", "{}"]),
      "is not what it was",
    ],
    ["a member that leads out", () => archive(["store/../../../evil"]), "outside of the store"],
    ["an absolute member", () => archive(["/tmp/evil"]), "outside of the store"],
    ["a member beside the outputs", () => archive(["store/store.db"]), "outside of the store"],
    ["a member that only the manifest does not have", async () => archive([], { members: [] }), "no rows.jsonl"],
    ["a link", () => archive([], {}, [`store/${call}/link`]), "outside of the store"],
    [
      "a link that leads out",
      () => archive([], { links: [{ path: `${call}/d/l`, target: "../../../../x" }] }),
      "outside of the store",
    ],
    [
      "a link to anywhere",
      () => archive([], { links: [{ path: `${call}/d/l`, target: "/etc" }] }),
      "outside of the store",
    ],
    ["a folder that leads out", () => archive([], { folders: [`${call}/../../../x`] }), "outside of the store"],
    ["a file in place of a folder", () => archive([`store/${call}/a`], { folders: [`${call}/a`] }), "twice"],
    ["rows that are none", () => archive([]), "a row in it is no JSON"],
    ["an unfit manifest", () => archive([], { folders: 7 }), "is damaged"],
  ])("%s: one clear error, and nothing changed", async (_, content, message) => {
    const before = await stateOf(p);
    writeFileSync(p.path("x.tar"), await content());
    const { code, stdout, stderr } = await p.run("import", "x.tar");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.match(/^error/gm)).toHaveLength(1);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(await stateOf(p)).toEqual(before);
    expect(existsSync(p.path(".ligase/imports"))).toBe(false);
    expect(existsSync(p.path("..", "evil"))).toBe(false);
  });

  it("an archive that is not there, and a folder", async () => {
    expect(await p.run("import", "none.tar.gz")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no archive none.tar.gz"),
    });
    expect(await p.run("import", ".")).toMatchObject({ code: 1, stderr: expect.stringContaining("it is a folder") });
    expect(await p.run("import")).toMatchObject({ code: 2 });
  });
});
