import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { CrateGraph, idsOf, violations } from "./crate-rules.ts";
import { type Project, project } from "./project.ts";

const TOOLS = 'import { Image } from "ligase";\nexport const tools = Image.debian("12").apt("bwa", "samtools");\n';

const FILES = {
  "tools.ts": TOOLS,
  "ligase.images.lock": '{ "format": 1, "images": {} }\n',
  "scripts/run.sh": "echo run\n",
  "workflow.ts": `
import { Image, script, task, volume } from "ligase";
import { tools } from "./tools.ts";

/** Counts in an environment. */
const count = task({ image: tools, cpu: 1 }, (n: number) => script({ outputs: "n.txt" })\`echo \${n} > n.txt\`);
const plain = task((n: number) => n + 1);
export const main = task((n: number) => ({ count: count(n), plain: plain(n) }));

const own = Image.debian("12").files("scripts/run.sh", "/opt/run.sh");
const kept = task({ cpu: 1, image: own, secrets: ["TOKEN"], volumes: { "./seq": volume("seq").asReadOnly() }, network: true },
  (n: number) => script\`cat seq/one; echo \${n}\`);
export const needy = task((n: number) => kept(n));
`,
};

const RUN = ["run", "workflow.ts", "main", "--n", "1", "--quiet", "--container", "host"];

const contentsOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

interface Built {
  readonly digest: string;
  readonly engine?: string;
  readonly samtools: string;
  /** What stands behind the identity in the key: `+…` of a lock. */
  readonly suffix?: string;
  readonly limits?: string;
}

/** Makes what the newest run did on this machine what it did in an environment: no engine is needed for what is told of it. */
function asBuilt(
  p: Project,
  { digest, engine = "sandbox", samtools, suffix = "", limits = "memory cpu" }: Built,
): void {
  const database = new DatabaseSync(p.path(".ligase/store.db"));
  const run = database.prepare("select id from runs order by started_at desc limit 1").get()!["id"]!;
  const packages = JSON.stringify({ apt: { bwa: "0.7.17-7", samtools, libhts3: `${samtools}.lib` } });
  database
    .prepare("update images set digest = ?, engine = ?, packages = ? where engine = 'host'")
    .run(digest, engine, packages);
  const inRun = "select id from jobs where run = ?";
  const withImage = `select job from calls where run = ? and image <> ''`;
  database
    .prepare(`update attempts set image = ?, limits = ? where job in (${inRun}) and job in (${withImage})`)
    .run(digest, limits, run, run);
  database
    .prepare("update calls set image = replace(image, '@host', ?) where run = ? and image <> ''")
    .run(suffix, run);
  database.close();
}

const plainText = (html: string): string => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

describe.concurrent("environments in the record", () => {
  it("ligase why and ligase diff say how definitions and installed packages differ", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    asBuilt(p, { digest: contentsOf("1"), samtools: "1.16.1-1" });
    p.edit("tools.ts", '"12").apt("bwa", "samtools")', '"13").apt("bwa", "samtools=1.21-1", "bcftools")');
    await p.ok(...RUN);
    asBuilt(p, { digest: contentsOf("2"), samtools: "1.21-1" });
    const why = await p.ok("why", "count");
    expect(why).toContain("its image changed since the nearest earlier call");
    expect(why).toMatch(
      /image {4}[0-9a-f]{12} → [0-9a-f]{12}\n {6}debian 12 → 13\n {6}apt samtools → samtools=1\.21-1\n {6}apt bcftools added\n {6}installed\n {8}samtools 1\.16\.1-1 → 1\.21-1\n {8}libhts3 1\.16\.1-1\.lib → 1\.21-1\.lib\n/,
    );
    expect(await p.ok("why")).toMatch(/count +×1 +image changed/);
    const { changes } = await p.json("why", "count");
    expect(changes).toMatchObject([
      {
        part: "image",
        environment: {
          before: { digest: contentsOf("1"), engine: "sandbox" },
          definition: [
            { step: "debian", before: "12", after: "13" },
            { step: "apt", before: "samtools", after: "samtools=1.21-1" },
            { step: "apt", after: "bcftools" },
          ],
          packages: [
            { name: "samtools", before: "1.16.1-1", after: "1.21-1", named: true },
            { name: "libhts3", named: false },
          ],
        },
      },
    ]);
    const diff = await p.ok("diff");
    expect(diff).toMatch(
      /\nenvironments\n {2}count {2}sha256:1{12} → sha256:2{12}\n {4}debian 12 → 13\n[^]*samtools 1\.16\.1-1 → 1\.21-1\n/,
    );
    expect((await p.json("diff")).environments).toMatchObject([{ tasks: ["count"], definition: [{}, {}, {}] }]);
  });

  it("a lock that changed is told with the packages that it brought", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    asBuilt(p, { digest: contentsOf("1"), samtools: "1.16.1-1" });
    await p.ok("run", "workflow.ts", "main", "--n", "2", "--quiet", "--container", "host");
    asBuilt(p, { digest: contentsOf("2"), samtools: "1.17-1", suffix: "+cafe" });
    expect(await p.ok("diff")).toMatch(
      /ligase\.images\.lock added\n {4}installed\n {6}samtools 1\.16\.1-1 → 1\.17-1\n/,
    );
  });

  it("of the tools of the machine the definition is told, and no packages", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    p.edit("tools.ts", '"samtools")', '"samtools").pip("numpy")');
    await p.ok(...RUN);
    const why = await p.ok("why", "count");
    expect(why).toMatch(/@host → [0-9a-f]{12}@host\n {6}pip numpy added\n/);
    expect(why).not.toContain("installed");
    const shown = await p.ok("log", "@", "--jobs", "--columns", "task,image,limits");
    expect(shown).toMatch(/count +debian 12, apt bwa samtools, pip numpy \(host: the tools of the machine\)/);
    expect(shown).toMatch(/^plain\s*$/m);
    const html = p.read((await p.ok("report")).trim());
    expect(plainText(html)).toMatch(/Engine host \(the tools of the machine stood for it\)/);
  });

  it("columns, JSON and ligase show tell the environment and the limits of a job", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    asBuilt(p, { digest: contentsOf("1"), samtools: "1.16.1-1" });
    expect(await p.ok("log", "@", "--jobs", "--columns", "task,image,limits")).toMatch(
      /count +debian 12, apt bwa samtools \(sandbox, 1{12}\) +memory, cpu\n/,
    );
    const rows = await p.json("log", "@", "--jobs", "--columns", "task,image,limits");
    expect(rows.find((row: { task: string }) => row.task === "count")).toMatchObject({
      image: { title: "debian 12, apt bwa samtools", engine: "sandbox", digest: contentsOf("1") },
      limits: ["memory", "cpu"],
    });
    expect(rows.find((row: { task: string }) => row.task === "plain")).toMatchObject({ image: null, limits: null });
    const [job] = await p.json("log", "@", "--jobs", "--task", "count");
    expect(await p.ok("log", job.id)).toMatch(/image {5}debian 12, apt bwa samtools \(sandbox, 1{12}\)\n/);
    expect(await p.json("log", job.id)).toMatchObject({
      environment: { digest: contentsOf("1"), packages: { apt: { samtools: "1.16.1-1" } } },
      attempts: [{ image: contentsOf("1"), limits: "memory cpu" }],
    });
  });

  it("a report shows what was installed, by whom it was used, and which limits held", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    asBuilt(p, { digest: contentsOf("1"), samtools: "<1.16>", limits: "" });
    const html = p.read((await p.ok("report")).trim());
    expect(html).toContain(">Environments</h2>");
    const text = plainText(html);
    expect(text).toMatch(/debian 12, apt bwa samtools Used by count Engine sandbox Contents sha256:1{64}/);
    expect(text).toContain("Limits none enforced");
    expect(text).toContain("samtools &lt;1.16&gt; apt");
    expect(text).toContain("3 packages installed in all");
    expect(text).toMatch(/Software environments: count in debian 12, apt bwa samtools \(sha256:1{12}\)\./);
    expect((await p.json("report")).environments).toMatchObject({
      used: [
        { engine: "sandbox", tasks: ["count"], named: [{ name: "bwa" }, { name: "samtools", version: "<1.16>" }] },
      ],
    });
    // What found everything in the cache shows where that was made.
    const database = new DatabaseSync(p.path(".ligase/store.db"));
    database.exec("update jobs set state = 'cached', reason = 'hit'");
    database.close();
    expect((await p.json("report")).environments.used).toMatchObject([{ digest: contentsOf("1"), tasks: ["count"] }]);
  });

  it("environments travel in archives, and stand in crates as the profiles want", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    asBuilt(p, { digest: contentsOf("1"), samtools: "1.16.1-1" });
    const archive = (await p.ok("export")).trim();
    const q = project();
    mkdirSync(q.path("there"));
    await q.ok("import", p.path(archive));
    expect(await q.ok("log", "@", "--jobs", "--columns", "task,image")).toContain(
      "debian 12, apt bwa samtools (sandbox, 111111111111)",
    );
    expect((await q.json("report")).environments.used).toMatchObject([{ packages: { apt: { samtools: "1.16.1-1" } } }]);

    const folder = (await p.ok("export", "--format", "ro-crate")).trim();
    expect(violations(p.path(folder))).toEqual([]);
    const graph = new CrateGraph(JSON.parse(p.read(`${folder}/ro-crate-metadata.json`)));
    const [image, ...others] = graph.ofType("ContainerImage");
    expect(others).toEqual([]);
    expect(image).toMatchObject({ name: "debian 12, apt bwa samtools", sha256: "1".repeat(64) });
    const ran = graph.referring("containerImage", image!["@id"]);
    expect(ran.map((action) => action["name"])).toEqual(["count"]);
    const tool = graph.ofType("SoftwareApplication").find((each) => each["name"] === "count");
    expect(idsOf(tool!["softwareRequirements"])).toEqual(
      expect.arrayContaining(["pkg:deb/debian/samtools@1.16.1-1", "pkg:deb/debian/bwa@0.7.17-7"]),
    );
  });

  it("an image of a registry stands in a crate with registry, name, tag and checksum", async () => {
    const p = project({
      ...FILES,
      "tools.ts": TOOLS.replace(/Image\..*;/, 'Image.from("quay.io/biocontainers/bwa:0.7.17");'),
    });
    await p.ok(...RUN);
    asBuilt(p, { digest: contentsOf("1"), engine: "podman", samtools: "1" });
    const database = new DatabaseSync(p.path(".ligase/store.db"));
    database.prepare("update images set reference = ?").run(`quay.io/biocontainers/bwa:0.7.17@${contentsOf("9")}`);
    database.close();
    const folder = (await p.ok("export", "--format", "ro-crate")).trim();
    expect(violations(p.path(folder))).toEqual([]);
    const graph = new CrateGraph(JSON.parse(p.read(`${folder}/ro-crate-metadata.json`)));
    expect(graph.ofType("ContainerImage")).toMatchObject([
      {
        additionalType: { "@id": "https://w3id.org/ro/terms/workflow-run#DockerImage" },
        registry: "quay.io",
        name: "biocontainers/bwa",
        tag: "0.7.17",
        sha256: "9".repeat(64),
      },
    ]);
  });

  it("ligase tasks shows what surrounds a task", async () => {
    const p = project(FILES);
    const shown = await p.ok("tasks", "workflow.ts");
    expect(shown).toMatch(/Counts in an environment\.\n {4}image debian 12, apt bwa samtools\n/);
    expect(shown).toContain(
      "    image debian 12, files /opt/run.sh; volume seq at ./seq, read-only; secret TOKEN; network\n",
    );
    const tasks = await p.json("tasks", "workflow.ts");
    expect(tasks.find((task: { name: string }) => task.name === "kept")).toMatchObject({
      image: { title: "debian 12, files /opt/run.sh" },
      volumes: [{ at: "./seq", volume: "seq", readOnly: true }],
      secrets: ["TOKEN"],
      network: true,
    });
  });

  it("a bundle has what environments are made of, and names volumes and secrets, which it has not", async () => {
    const SECRET = "s3cret-of-nobody-else";
    const p = project({ ...FILES, ".env": `TOKEN=${SECRET}\n` });
    const set = p.start(["secret", "set", "TOKEN"], { stdin: Buffer.from(SECRET) });
    expect((await set.ended).code).toBe(0);
    p.write("one", "first\n");
    await p.ok("volume", "create", "seq");
    await p.ok("cp", "one", "seq/one");
    await p.ok("run", "workflow.ts", "needy", "--n", "1", "--quiet", "--container", "host");
    const { code, stderr } = await p.run("bundle", "--out", "the.bundle");
    expect(code).toBe(0);
    expect(stderr).toContain("volumes are not in it: seq");
    expect(stderr).toContain("it needs secrets, which are not in it: TOKEN");
    const bundle = p.path("the.bundle");
    const readme = p.read("the.bundle/README.md");
    expect(readme).toContain("- `volumes/seq/`, for kept");
    expect(readme).toContain("- `LIGASE_SECRET_TOKEN`, for kept");
    expect(readme).toContain("needy --params params.json --container host");
    expect(p.read("the.bundle/workflow/ligase.images.lock")).toBe(FILES["ligase.images.lock"]);
    expect(p.read("the.bundle/workflow/scripts/run.sh")).toBe("echo run\n");
    expect(existsSync(`${bundle}/workflow/node_modules/ligase/python/src/ligase/worker.py`)).toBe(true);
    expect(JSON.parse(p.read("the.bundle/bundle.json"))).toMatchObject({
      container: "host",
      environments: [{ title: "debian 12, files /opt/run.sh", engine: "host", tasks: ["kept"] }],
      volumes: [{ name: "seq", tasks: ["kept"] }],
      secrets: [{ name: "TOKEN", tasks: ["kept"] }],
    });
    const grep = spawnSync("grep", ["-rlF", SECRET, bundle], { encoding: "utf8" });
    expect(grep.stdout).toBe("");

    const verify = (env: Record<string, string>) =>
      spawnSync(process.execPath, [`${bundle}/verify.mjs`], {
        cwd: "/",
        env: { PATH: "/usr/bin:/bin", ...env },
        encoding: "utf8",
      });
    expect(verify({})).toMatchObject({ status: 2, stderr: expect.stringContaining("LIGASE_SECRET_TOKEN, for kept") });
    const empty = verify({ LIGASE_SECRET_TOKEN: "another" });
    expect(empty.status).toBe(1);
    expect(empty.stdout).toContain("the volume seq is empty");
    mkdirSync(`${bundle}/volumes/seq`, { recursive: true });
    writeFileSync(`${bundle}/volumes/seq/one`, "first\n");
    const whole = verify({ LIGASE_SECRET_TOKEN: "another" });
    expect({ status: whole.status, out: whole.stdout }).toEqual({
      status: 0,
      out: expect.stringContaining("OK: the result is what it was"),
    });
  });
});
