import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { project } from "../cli/project.ts";
import { startDocker, startPodman, type StartedEngine } from "../support/engines.ts";
import { describeWith } from "../support/needs.ts";

const dir = mkdtempSync("/tmp/ligase-doctor-");
afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

const programs = [
  "bwrap",
  "mmdebstrap",
  "skopeo",
  "umoci",
  "podman",
  "runc",
  "docker",
  "dockerd",
  "git",
  "python3",
  "dot",
];
const isRoot = process.getuid?.() === 0;

describeWith({ programs, also: { "root, to start a daemon": isRoot } })("ligase doctor with real programs", () => {
  let docker: StartedEngine | undefined;
  let podman: StartedEngine | undefined;

  beforeAll(async () => {
    podman = startPodman(join(dir, "podman"));
    docker = await startDocker(join(dir, "docker"));
  });
  afterAll(async () => {
    await podman?.stop();
    await docker?.stop();
  });

  it("finds each with its version, and picks the sandbox", async () => {
    const p = project();
    const env = { ...podman?.env, ...docker?.env };
    const { stdout, code } = await p.start(["doctor", "--json"], { env }).ended;
    expect(code).toBe(0);
    const { engine, findings } = JSON.parse(stdout) as {
      engine: object;
      findings: readonly { name: string; state: string; says: string }[];
    };
    expect(engine).toEqual({ asked: "auto", picked: "sandbox", why: expect.any(String) });
    const says = Object.fromEntries(findings.map(({ name, state, says: text }) => [name, `${state}: ${text}`]));
    const versionOf = (program: string, ...args: string[]): string =>
      /\d+(\.\d+)+/.exec(execFileSync(program, args, { encoding: "utf8" }))?.[0] ?? "none";
    expect(says["sandbox"]).toContain(`found: bwrap ${versionOf("bwrap", "--version")}, mmdebstrap`);
    expect(says["podman"]).toBe(`found: podman ${versionOf("podman", "--version")}`);
    expect(says["docker"]).toMatch(/^found: docker \d+\.\d+/);
    expect(says["umoci"]).toContain(versionOf("umoci", "--version"));
    expect(says["user ids"]).toMatch(/^found/);
    expect(says["of jobs"]).toBe("found: memory, CPU, processes can be kept");
    expect(says["git"]).toBe(`found: ${versionOf("git", "--version")}`);
    expect(says["Python"]).toBe(`found: ${versionOf("python3", "--version")}`);
    expect(says["graphviz"]).toMatch(/^found: \d/);
  });

  it("notices a daemon that has ended", async () => {
    await docker?.stop();
    const p = project({ "ligase.config.json": '{ "container": "docker" }' });
    const { stdout, code } = await p.start(["doctor"], { env: { ...docker?.env } }).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ docker +needs a docker daemon that can be reached/);
  });
});
