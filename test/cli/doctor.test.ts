import { chmodSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const PODMAN = JSON.stringify({
  host: {
    cgroupVersion: "v2",
    cgroupControllers: ["memory"],
    security: { rootless: true },
    ociRuntime: { name: "crun" },
  },
  version: { Version: "5.4.2" },
});

/** Programs of these names come first on the path, each a script. */
function withPrograms(p: Project, programs: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, script] of Object.entries(programs)) {
    p.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(p.path("bin", name), 0o755);
  }
  return { PATH: `${p.path("bin")}:${process.env["PATH"]}` };
}

const WORKING = {
  podman: `cat <<'END'\n${PODMAN}\nEND`,
  docker: "echo 'Cannot connect to the Docker daemon' >&2; echo '{}'; exit 1",
};

interface Answer {
  readonly ok: boolean;
  readonly engine: { readonly asked: string; readonly picked: string | null; readonly why: string };
  readonly findings: readonly { readonly name: string; readonly state: string; readonly says: string }[];
}

describe.concurrent("ligase doctor", () => {
  it("finds engines, and says what is the matter with one that does not work", async () => {
    const p = project();
    const env = withPrograms(p, WORKING);
    const { stdout, code } = await p.start(["doctor", "--json"], { env }).ended;
    expect(code).toBe(0);
    const { ok, engine, findings } = JSON.parse(stdout) as Answer;
    expect({ ok, asked: engine.asked }).toEqual({ ok: true, asked: "auto" });
    const byName = Object.fromEntries(findings.map((finding) => [finding.name, finding]));
    expect(byName["podman"]).toMatchObject({ state: "found", says: "podman 5.4.2" });
    expect(byName["docker"]).toMatchObject({
      state: "wrong",
      says: expect.stringContaining("Cannot connect to the Docker daemon"),
      mend: expect.any(String),
    });
    expect(byName["Node"]).toMatchObject({ state: "found", says: process.versions.node });
    expect(byName["store"]).toMatchObject({ says: expect.stringContaining(p.path(".ligase")) });
  });

  it("fails when what the configuration asks for is not there, and only then", async () => {
    const p = project({ "ligase.config.json": '{ "container": "docker" }' });
    const env = withPrograms(p, WORKING);
    const { stdout, stderr, code } = await p.start(["doctor"], { env }).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}✗ docker +needs a docker daemon/m);
    expect(stdout).toMatch(/→ nothing is picked: the configuration says docker, which does not work here/);
    expect(stderr).toMatch(/^the configuration asks for what is not there: docker$/m);
    p.write("ligase.config.json", '{ "container": "podman" }');
    const good = await p.start(["doctor"], { env }).ended;
    expect(good).toMatchObject({ code: 0, stderr: expect.stringContaining("is there") });
    expect(good.stdout).toContain("→ podman: the configuration says so");
  });

  it("counts GPUs against those that the configuration speaks of", async () => {
    const p = project({ "ligase.config.json": '{ "container": "host", "gpus": 2 }' });
    const see = async (list: string) => {
      const { stdout, code } = await p.start(["doctor"], { env: { LIGASE_GPU_LIST: list } }).ended;
      return { code, gpus: /^ {2}(.) GPUs +(.*)$/m.exec(stdout)?.slice(1) };
    };
    expect(await see("")).toEqual({ code: 1, gpus: ["✗", "no NVIDIA GPU, and the configuration says gpus: 2"] });
    expect(await see("0:Tesla T4")).toMatchObject({
      code: 1,
      gpus: ["✗", expect.stringContaining("only 0: Tesla T4")],
    });
    expect(await see("0:Tesla T4,1:Tesla T4")).toEqual({ code: 0, gpus: ["✓", "0: Tesla T4, 1: Tesla T4"] });
  });

  it("looks on where the configuration itself is wrong", async () => {
    const p = project({ "ligase.config.json": '{ "container": "dokcer" }' });
    const { stdout, code } = await p.run("doctor");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}✗ configuration +ligase\.config\.json: .*dokcer/m);
    expect(stdout).toMatch(/^ {2}✓ Node /m);
    p.write("ligase.config.json", "{}");
    const { code: refused, stderr } = await p.run("doctor", "--profile", "none");
    expect(refused).toBe(2);
    expect(stderr).toContain("there is no profile none");
  });
});
