import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDockerEngine } from "../../src/images/docker/index.ts";
import { Image } from "../../src/images/image.ts";
import { createPodmanEngine } from "../../src/images/podman/index.ts";
import type { Environment, ImageEngine } from "../../src/images/types.ts";
import { setVariables, startDocker, startPodman, type StartedEngine } from "../support/engines.ts";
import { describeWith } from "../support/needs.ts";
import { type Ended, enclosureOf, enter } from "./engines/drive.ts";

/**
 * What podman and docker build by themselves: images of a registry, of a file, of a Dockerfile, and steps on top of them
 * on machines where no root file system can be built (a Mac).
 */
const dir = mkdtempSync("/tmp/ligase-native-");
const imagesDir = join(dir, "images");
const isRoot = process.getuid?.() === 0;

afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

/** A registry of this machine alone. */
async function startRegistry(): Promise<{ readonly address: string; stop(): void }> {
  const free = createServer();
  const port = await new Promise<number>((resolve) => {
    free.listen(0, "127.0.0.1", () => {
      const address = free.address();
      const { port: found = 0 } = typeof address === "object" ? (address ?? {}) : {};
      free.close(() => resolve(found));
    });
  });
  const config = join(dir, "registry.yml");
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${dir}/registry } }\nhttp: { addr: "127.0.0.1:${port}" }\n`,
  );
  const registry = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const address = `127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    if (
      await fetch(`http://${address}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await wait(50);
  }
  return { address, stop: () => void registry.kill() };
}

/** The smallest image there is a shell in: the root file system of a Debian would take long in each engine. */
function makeArchive(): string {
  const root = join(dir, "root");
  for (const folder of ["bin", "tmp", "etc", "var/tmp"]) mkdirSync(join(root, folder), { recursive: true });
  mkdirSync(join(root, "var/lib/dpkg"), { recursive: true });
  writeFileSync(join(root, "var/lib/dpkg/status"), "Package: tool\nStatus: install ok installed\nVersion: 1.2-3\n");
  for (const name of ["sh", "cat", "mkdir", "rm"]) {
    const program = execFileSync("sh", ["-c", 'readlink -f "$(command -v "$0")"', name], { encoding: "utf8" }).trim();
    copyFileSync(program, join(root, "bin", name));
    for (const [library = ""] of execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/\/\S+/g)) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      copyFileSync(library, join(root, library));
    }
  }
  const archive = join(dir, "root.tar");
  execFileSync("tar", ["-cf", archive, "-C", root, "."]);
  return archive;
}

function nativeSuite(open: () => ImageEngine, start: () => Promise<StartedEngine> | StartedEngine): void {
  let started: StartedEngine | undefined;
  let unset = (): void => {};
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  let engine: ImageEngine;
  let base: Environment;
  let reference: string;
  let digest: string;
  const said: string[] = [];
  const build = (image: Image): Promise<Environment> => engine.build(image, { say: (line) => said.push(line) });
  const sh = (environment: Environment, script: string): Promise<Ended> => {
    const cwd = mkdtempSync(join(dir, "work-"));
    return enter(engine, environment, enclosureOf({ cwd, command: ["/bin/sh", "-c", script] })).ended;
  };

  beforeAll(async () => {
    registry = await startRegistry();
    started = await start();
    unset = setVariables(started.env);
    engine = open();
    base = await build(Image.archive(makeArchive()));
    reference = `${registry.address}/tools:1`;
    const client = (...args: string[]): string => execFileSync(engine.name, args, { encoding: "utf8", stdio: "pipe" });
    client("tag", base.place, reference);
    client("push", ...(engine.name === "podman" ? ["--tls-verify=false"] : []), reference);
    const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
    const manifest = await fetch(`http://${registry.address}/v2/tools/manifests/1`, { headers: { accept } });
    digest = manifest.headers.get("docker-content-digest") ?? "";
  });

  afterAll(async () => {
    unset();
    registry.stop();
    await started?.stop();
  });

  it("takes a root file system from a file", async () => {
    expect(base.packages).toEqual({ apt: { tool: "1.2-3" } });
    expect(await sh(base, "echo from a file")).toMatchObject({ status: 0, stdout: "from a file\n" });
  });

  it("takes an image by its digest, and says that a tag may move", async () => {
    const tagged = await build(Image.from(reference));
    expect(said).toContainEqual(expect.stringContaining(`${reference} is a tag, which may move`));
    said.length = 0;
    const name = reference.slice(0, -":1".length);
    const pinned = await build(Image.from(`${name}@${digest}`));
    expect(said.join()).not.toContain("may move");
    expect([tagged.digest, pinned.digest]).toEqual([digest, digest]);
    expect([tagged.resolved, pinned.resolved]).toEqual([digest, undefined]);
    expect(await sh(pinned, "echo pulled")).toMatchObject({ status: 0, stdout: "pulled\n" });
  });

  it("says that a registry has no such image, and that there is no registry", async () => {
    await expect(build(Image.from(`${registry.address}/nothing:1`))).rejects.toMatchObject({
      code: "LIGASE_E_IMAGE_BUILD",
      message: expect.stringContaining("the registry has no such image"),
    });
    await expect(build(Image.from("127.0.0.1:9/nothing:1"))).rejects.toMatchObject({
      code: "LIGASE_E_IMAGE_BUILD",
      message: expect.stringContaining("could not be reached"),
    });
  });

  it("builds a Dockerfile", async () => {
    const context = join(dir, "context");
    mkdirSync(context, { recursive: true });
    writeFileSync(join(context, "data"), "data");
    const text = `FROM ${reference}\nARG WHO\nCOPY data /opt/data\nRUN echo "hello $WHO" > /opt/hello\nENV HI=there\nENTRYPOINT ["/bin/false"]\nUSER 12345\n`;
    writeFileSync(join(context, "Dockerfile"), text);
    const image = Image.dockerfile(join(context, "Dockerfile"), { context, args: { WHO: "you" } });
    const built = await build(image);
    expect(built.env["HI"]).toBe("there");
    expect(await sh(built, "cat /opt/hello /opt/data; echo; echo $HI")).toMatchObject({
      status: 0,
      stdout: "hello you\ndata\nthere\n",
    });
  });

  it("takes steps on top, whatever is written in them", async () => {
    const local = join(dir, "löcal file");
    writeFileSync(local, "#!/bin/sh\necho local\n", { mode: 0o755 });
    const folder = join(dir, "folder");
    mkdirSync(join(folder, "sub"), { recursive: true });
    writeFileSync(join(folder, "sub/x"), "x");
    const strange = "a 'b' \"c\" $HOME \\ `d` ü";
    const image = Image.from(reference)
      .env({ STRANGE: strange, LINES: "one\ntwo $x" })
      .workdir("/opt/a b")
      .run('printf %s "$STRANGE" > strange; printf %s "$LINES" > lines', "echo 'FROM scratch\nUSER 1' > with-lines")
      .files(local, "/opt/own/local")
      .files(folder, "/opt/folder")
      .env({ STRANGE: "later" });
    const built = await build(image);
    expect(built.workdir).toBe("/opt/a b");
    const { stdout, status } = await sh(
      built,
      'cd "/opt/a b"; cat strange; echo; cat lines; echo; cat with-lines; /opt/own/local; cat /opt/folder/sub/x; echo; echo "$STRANGE"; echo "$LINES"',
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${strange}\none\ntwo $x\nFROM scratch\nUSER 1\nlocal\nx\nlater\none\ntwo $x\n`,
    });
  });

  it("shows the last lines of a step that fails", async () => {
    const image = Image.from(reference).run("echo first", "echo 'it is broken' >&2; exit 9");
    await expect(build(image)).rejects.toMatchObject({
      code: "LIGASE_E_IMAGE_BUILD",
      message: expect.stringContaining("it is broken"),
    });
    expect(await engine.find(image)).toBeUndefined();
  });

  it("leaves nothing of what it removed", async () => {
    const image = Image.from(reference).run("echo x > /opt-x");
    const environment = await build(image);
    await engine.remove(environment);
    const names = execFileSync(engine.name, ["image", "ls", "--format={{.Repository}}:{{.Tag}}"], { encoding: "utf8" });
    expect(names).not.toContain(environment.place);
    expect(names).not.toContain("ligase-base");
    // It was there before.
    expect(names).toContain(reference);
  });

  it("takes the image that is there when its registry cannot be reached", async () => {
    execFileSync(engine.name, ["tag", base.place, "127.0.0.1:9/own:1"]);
    const environment = await build(Image.from("127.0.0.1:9/own:1"));
    expect(said).toContainEqual(expect.stringContaining("could not be pulled"));
    expect(await sh(environment, "echo own")).toMatchObject({ stdout: "own\n" });
  });

  it("says of an archive that is none what is wrong with it", async () => {
    const file = join(dir, "no.tar");
    writeFileSync(file, "this is no archive");
    await expect(build(Image.archive(file))).rejects.toMatchObject({ code: "LIGASE_E_IMAGE_BUILD" });
  });

  it("notices that somebody removed its image", async () => {
    const image = Image.from(reference).env({ GONE: "soon" });
    const { place } = await build(image);
    execFileSync(engine.name, ["image", "rm", "--force", place], { stdio: "ignore" });
    expect((await engine.list()).map(({ environment }) => environment.place)).not.toContain(place);
    expect(await engine.find(image)).toBeUndefined();
    expect(await build(image)).toMatchObject({ place });
  });
}

// Where skopeo and umoci are, root file systems would be built of registries' images.
const hidden = mkdtempSync("/tmp/ligase-path-");
for (const folder of (process.env["PATH"] ?? "").split(":").toReversed()) {
  execFileSync("sh", [
    "-c",
    'for f in "$1"/*; do case "${f##*/}" in umoci|skopeo|"*") ;; *) ln -sf "$f" "$0/";; esac; done',
    hidden,
    folder,
  ]);
}

describe("by the engine's own means", () => {
  beforeAll(() => void (process.env["PATH"] = hidden));
  afterAll(() => rmSync(hidden, { recursive: true, force: true }));

  const programs = ["docker-registry"];
  describeWith({ programs: [...programs, "podman", "runc"], also: { root: isRoot } })("podman", () => {
    nativeSuite(
      () => createPodmanEngine({ imagesDir }),
      () => startPodman(join(dir, "podman")),
    );
  });

  describeWith({ programs: [...programs, "docker", "dockerd"], also: { root: isRoot } })("docker", () => {
    nativeSuite(
      () => createDockerEngine({ imagesDir }),
      () => startDocker(join(dir, "docker")),
    );
  });
});
