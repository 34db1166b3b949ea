import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { project } from "./project.ts";

const CONFIG = {
  $schema: "./node_modules/ligase/config.schema.json",
  cpus: 2,
  memory: "16 GiB",
  limits: { ncbi: 3 },
  notify: "https://hooks.example.org/services/s3cr3t",
  prices: { process: { cpuHour: 0.04 } },
  profiles: { cluster: { cpus: 64, limits: { ena: 2 } }, laptop: { retries: 1 } },
};

/** What of the settings is not the default. */
async function inForce(p: ReturnType<typeof project>, env: Record<string, string>, ...args: string[]) {
  const { stdout, stderr } = await p.start(["config", "--json", ...args], { env }).ended;
  expect(stderr).toBe("");
  const { settings } = JSON.parse(stdout) as {
    settings: { setting: string; value: unknown; origin: string; from: string }[];
  };
  return Object.fromEntries(
    settings.filter(({ origin }) => origin !== "default").map(({ setting, value, from }) => [setting, [value, from]]),
  );
}

describe.concurrent("ligase config", () => {
  it("shows every setting with where it comes from: file, profile, environment", async () => {
    const p = project({ "ligase.config.json": JSON.stringify(CONFIG) });
    const file = p.path("ligase.config.json");
    const said = {
      cpus: [2, file],
      memory: [2 ** 34, file],
      limits: [{ ncbi: 3 }, file],
      notify: [["https://hooks.example.org/…"], file],
      prices: [{ process: { cpuHour: 0.04 } }, file],
    };
    expect(await inForce(p, {})).toEqual(said);
    const cluster = { ...said, cpus: [64, "cluster"], limits: [{ ncbi: 3, ena: 2 }, "cluster"] };
    expect(await inForce(p, {}, "--profile", "cluster")).toEqual(cluster);
    expect(await inForce(p, { LIGASE_PROFILE: "cluster" })).toEqual(cluster);
    expect(await inForce(p, { LIGASE_PROFILE: "cluster", LIGASE_CPUS: "3" }, "--profile", "laptop")).toEqual({
      ...said,
      retries: [1, "laptop"],
      cpus: [3, "LIGASE_CPUS"],
    });
  });

  it("is a table for people, that fits a narrow screen", async () => {
    const p = project({ "ligase.config.json": JSON.stringify(CONFIG) });
    const { stdout, stderr } = await p.run("config");
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^memory +16 GiB +ligase\.config\.json$/),
        expect.stringMatching(/^retries +0 +default$/),
        expect.stringMatching(/^gpus +those found +default$/),
      ]),
    );
    expect(stdout).not.toContain("s3cr3t");
    expect(stderr).toBe("profiles: cluster, laptop\n");
    const narrow = (await p.start(["config"], { env: { COLUMNS: "40" } }).ended).stdout.trimEnd().split("\n");
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(narrow).toContainEqual(expect.stringMatching(/^limits +\S+ +ligase\.config\.js…$/));
  });

  it("prints one setting a line with --jsonl, and its defaults without a file", async () => {
    const p = project();
    const rows = (await p.ok("config", "--jsonl")).trim().split("\n");
    expect(rows.map((row) => JSON.parse(row) as object)).toContainEqual({
      setting: "store",
      value: ".ligase",
      origin: "default",
      from: null,
    });
    expect((await p.run("config")).stderr).toBe(`there is no ligase.config.ts or ligase.config.json in ${p.dir}\n`);
  });

  it("prints the schema that the package holds", async () => {
    const p = project();
    expect(await p.ok("config", "--schema")).toBe(
      readFileSync(new URL("../../config.schema.json", import.meta.url), "utf8"),
    );
  });

  it("names the file, the key and the nearest one that there is", async () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ['{ "cpu": 2 }', "there is no setting cpu", "did you mean cpus?"],
      ['{ "profiles": { "a": { "cpu": 2 } } }', "there is no setting profiles.a.cpu", "did you mean cpus?"],
      [
        '{ "prices": { "process": { "cpuHours": 1 } } }',
        "there is no setting prices.process.cpuHours",
        "did you mean cpuHour?",
      ],
      ['{ "prices": { "process": { "cpuHour": -1 } } }', "prices.process.cpuHour: -1 is not a number, 0 or more", ""],
      ['{ "memory": "lots" }', 'memory: "lots" is not an amount of memory', '"4 GiB"'],
      ['{ "container": "dokker" }', 'container.engine: "dokker" is not one of auto, sandbox, podman, docker, host', ""],
      ['{ "cpus": 2,\n }', "(line 2 column 2)", "ligase.config.ts"],
      ["[]", "holds no object", '{ "memory": "32 GiB" }'],
    ];
    for (const [text, message, mend] of cases) {
      const p = project({ "ligase.config.json": text });
      const { code, stderr } = await p.run("config");
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
      expect(stderr).toContain("ligase.config.json");
      expect(stderr).toContain(mend);
    }
    const both = project({ "ligase.config.json": "{}", "ligase.config.ts": "export default {};" });
    expect((await both.run("config")).stderr).toMatch(
      /there are a ligase.config.ts and a ligase.config.json\n +keep one/,
    );
  });

  it("suggests the profile that was meant", async () => {
    const p = project({ "ligase.config.json": JSON.stringify(CONFIG) });
    expect(await p.run("config", "--profile", "clustr")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no profile clustr in ligase.config.json\n +did you mean cluster\?/),
    });
    expect(await p.start(["config"], { env: { LIGASE_PROFILE: "hpc" } }).ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/LIGASE_PROFILE: there is no profile hpc .*\n +there are cluster, laptop/),
    });
    expect((await project().run("config", "--profile", "hpc")).stderr).toContain("profiles: { hpc: { cpus: 64 } }");
  });
});

describe.concurrent("ligase run", () => {
  it("takes the settings of a profile, and of ligase.config.json", async () => {
    const p = project({
      "workflow.ts":
        'import { script, task } from "ligase";\nexport const main = task({ cpu: 3 }, () => script`echo hi`);',
      "ligase.config.json": JSON.stringify({ cpus: 1, profiles: { large: { cpus: 3 } } }),
      "sub/data.txt": "",
    });
    expect(await p.run("run", "workflow.ts")).toMatchObject({ code: 1, stdout: "" });
    expect(await p.run("run", "workflow.ts", "--profile", "large")).toMatchObject({ code: 0, stdout: "hi\n" });
    expect(await p.run("run", "workflow.ts", "--profile", "lrge")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean large?"),
    });
    expect(await p.run("run", "workflow.ts", "--cpus", "4", "--memory", "plenty")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("error --memory: "),
    });
  });
});
