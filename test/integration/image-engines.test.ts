import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDockerEngine } from "../../src/images/docker/index.ts";
import { createHostEngine } from "../../src/images/host/index.ts";
import { Image } from "../../src/images/image.ts";
import { createPodmanEngine } from "../../src/images/podman/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import { selectEngine } from "../../src/images/select/index.ts";
import type { Environment, ImageEngine } from "../../src/images/types.ts";
import { setVariables, startDocker, startPodman, type StartedEngine } from "../support/engines.ts";
import { describeWith } from "../support/needs.ts";
import { buildingSuite } from "./engines/building.ts";
import { enclosureOf, enter } from "./engines/drive.ts";
import { containerSuite, enteringSuite } from "./engines/entering.ts";

const dir = mkdtempSync("/tmp/ligase-engines-");
const imagesDir = join(dir, "images");
const image = Image.debian("12")
  .apt("python3")
  .env({ GREETING: 'héllo "$HOME" \\ wörld' })
  .run("mkdir /opt/made", "echo made > /opt/made/it");
const isRoot = process.getuid?.() === 0;
const built = new Map<string, Environment>();
let folders = 0;

function folder(): string {
  const path = join(dir, "földers", `a "b", c:${++folders}`);
  mkdirSync(path, { recursive: true });
  return path;
}

afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

/** The suite over one engine: started, used, and ended again. */
function engineSuite(open: () => ImageEngine, start: () => Promise<StartedEngine> | StartedEngine): void {
  let started: StartedEngine | undefined;
  let unset = (): void => {};
  let engine: ImageEngine;
  let environment: Environment;

  beforeAll(async () => {
    started = await start();
    unset = setVariables(started.env);
    engine = open();
    expect(await engine.check()).toMatchObject({ works: true });
    environment = await engine.build(image);
    built.set(engine.name, environment);
  });

  afterAll(async () => {
    unset();
    await started?.stop();
  });

  describe("builds", () => {
    buildingSuite(() => ({ open, imagesDir, folder, image }));
  });
  describe("enters", () => {
    enteringSuite(() => ({ engine, environment, folder }));
  });
  if (open().name !== "sandbox") {
    describe("keeps", () => {
      containerSuite(() => ({ engine, environment, folder }));
    });
  }
}

const BUILDERS = ["bwrap", "mmdebstrap"];
const nothing = (): StartedEngine => ({ env: {}, stop: async () => {} });

describeWith({ programs: BUILDERS })("the sandbox", () => {
  engineSuite(() => createSandboxEngine({ imagesDir }), nothing);
});

describeWith({ programs: [...BUILDERS, "podman", "runc"], also: { "root, to set podman up": isRoot } })(
  "podman",
  () => {
    engineSuite(
      () => createPodmanEngine({ imagesDir }),
      () => startPodman(join(dir, "podman")),
    );
  },
);

describeWith({ programs: [...BUILDERS, "docker", "dockerd"], also: { "root, to start a daemon": isRoot } })(
  "docker",
  () => {
    engineSuite(
      () => createDockerEngine({ imagesDir }),
      () => startDocker(join(dir, "docker")),
    );
  },
);

describeWith({ programs: [...BUILDERS, "podman", "dockerd"], also: { root: isRoot } })("all engines", () => {
  it("have the same contents, packages and versions", () => {
    const [sandbox, ...others] = ["sandbox", "podman", "docker"].map((name) => built.get(name));
    for (const other of others) {
      expect(other?.packages).toEqual(sandbox?.packages);
      expect(other?.digest).toBe(sandbox?.digest);
      expect(other?.env).toEqual(sandbox?.env);
      expect(other?.workdir).toEqual(sandbox?.workdir);
    }
  });
});

describe("the host", () => {
  it("runs commands as they are, with the caller's variables and the job's", async () => {
    const engine = createHostEngine();
    const cwd = folder();
    const command = ["sh", "-c", 'echo "$GIVEN $LIGASE_TEST_HOST"; pwd; exit 3'];
    process.env["LIGASE_TEST_HOST"] = "here";
    try {
      const enclosure = enclosureOf({ cwd, command, env: { GIVEN: "given" } });
      const { entry, ended } = enter(engine, await engine.build(image), enclosure);
      expect(entry).toMatchObject({ command, direct: true, remote: null });
      expect(await ended).toEqual({ status: 3, stdout: `given here\n${cwd}\n`, stderr: "" });
    } finally {
      delete process.env["LIGASE_TEST_HOST"];
    }
  });
});

describeWith({ programs: ["bwrap"] })("the choice of an engine", () => {
  it("is the sandbox where that works, which is remembered for a while, and not for another bwrap", async () => {
    const own = join(dir, "choice");
    const marker = join(own, "sandbox-works.json");
    expect((await selectEngine("auto", { imagesDir: own })).name).toBe("sandbox");
    const first = statSync(marker).mtimeMs;
    expect((await selectEngine("auto", { imagesDir: own })).name).toBe("sandbox");
    expect(statSync(marker).mtimeMs).toBe(first);
    const fake = join(dir, "fake");
    mkdirSync(fake, { recursive: true });
    writeFileSync(join(fake, "bwrap"), "#!/bin/sh\necho no leave >&2; exit 1\n", { mode: 0o755 });
    const unset = setVariables({ PATH: `${fake}:${process.env["PATH"]}` });
    try {
      await expect(selectEngine("sandbox", { imagesDir: own })).rejects.toMatchObject({
        code: "LIGASE_E_IMAGE_ENGINE",
        message: expect.stringContaining("no leave"),
      });
    } finally {
      unset();
    }
    utimesSync(marker, new Date(0), new Date(0));
    expect((await selectEngine("sandbox", { imagesDir: own })).name).toBe("sandbox");
    expect(statSync(marker).mtimeMs).toBeGreaterThan(0);
  });
});

describe("an engine that is not there", () => {
  it("is named, with what it needs and how to get it", async () => {
    const unset = setVariables({ PATH: dir, DOCKER_HOST: `unix://${dir}/nothing.sock` });
    try {
      for (const [name, what] of [
        ["podman", "podman"],
        ["docker", "docker"],
        ["sandbox", "bubblewrap"],
      ] as const) {
        await expect(selectEngine(name, { imagesDir })).rejects.toMatchObject({
          code: "LIGASE_E_IMAGE_ENGINE",
          message: expect.stringContaining(what),
          mend: expect.stringContaining("ligase doctor"),
        });
      }
      await expect(selectEngine("auto", { imagesDir })).rejects.toMatchObject({
        message: expect.stringMatching(
          /^no container engine works here\n {2}sandbox: .*\n {2}podman: .*\n {2}docker: /,
        ),
      });
    } finally {
      unset();
    }
  });
});
