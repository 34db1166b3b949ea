/**
 * Images of registries, archives and Dockerfiles; builds that are killed; and users who are not root. Everything is made
 * of a root file system of a few programs, and the registry is this machine's own.
 *
 * @module
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildRootfs, findRootfs } from "../../src/images/build/index.ts";
import { Image } from "../../src/images/image.ts";
import { makeLock } from "../../src/images/lock/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import { setVariables, startPodman } from "../support/engines.ts";
import { describeWith } from "../support/needs.ts";
import { enclosureOf, enter } from "./engines/drive.ts";
import { tinyRoot } from "./support/tiny-root.ts";

const dir = mkdtempSync("/tmp/ligase-sources-");
const imagesDir = join(dir, "images");
const engine = createSandboxEngine({ imagesDir });
const plain = join(dir, "plain.tar");
const isRoot = process.getuid?.() === 0;

afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

async function inside(image: Image, ...command: string[]): Promise<string> {
  const environment = await engine.build(image);
  const { status, stdout, stderr } = await enter(engine, environment, enclosureOf({ cwd: dir, command })).ended;
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

async function failure(image: Image): Promise<{ code: string; message: string; mend: string }> {
  const error: unknown = await engine.build(image).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(findRootfs({ imagesDir }, image)).toBeUndefined();
  expect(readdirSync(join(imagesDir, "building"))).toEqual([]);
  return error as never;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describeWith({ programs: ["bwrap", "tar", "ldd"] })("a root file system in a file", () => {
  beforeAll(() => {
    tinyRoot(join(dir, "tiny"));
    execFileSync("tar", ["-C", join(dir, "tiny"), "-cf", plain, "."]);
  });

  it("is an image", async () => {
    expect(await inside(Image.archive(plain), "/bin/id", "-u")).toBe("1000\n");
    expect(
      await inside(
        Image.archive(plain).env({ A: "b" }).run("echo made > /made"),
        "/bin/sh",
        "-c",
        "cat /made; echo $A",
      ),
    ).toBe("made\nb\n");
  });

  it("is refused when it is none", async () => {
    writeFileSync(join(dir, "no.tar"), "nothing\n");
    expect(await failure(Image.archive(join(dir, "no.tar")))).toMatchObject({ code: "LIGASE_E_IMAGE_BUILD" });
    execFileSync("tar", ["-C", dir, "-cf", join(dir, "other.tar"), "no.tar"]);
    expect(await failure(Image.archive(join(dir, "other.tar")))).toMatchObject({
      code: "LIGASE_E_IMAGE_DEFINITION",
      message: expect.stringContaining("holds neither an image nor a root file system"),
    });
  });

  it("has no Python and no packages to install, and says so", async () => {
    expect((await failure(Image.archive(plain).pip("six"))).message).toContain("the image has no python3");
    expect((await failure(Image.archive(plain).python("3.11"))).mend).toContain(".conda(");
  });

  describe("while builders die", () => {
    const PROGRAM = `
      import { buildRootfs } from ${JSON.stringify(new URL("../../src/images/build/index.ts", import.meta.url).href)};
      import { Image } from ${JSON.stringify(new URL("../../src/images/image.ts", import.meta.url).href)};
      const [imagesDir, plain, command] = process.argv.slice(2);
      const { root } = await buildRootfs({ imagesDir }, Image.archive(plain).run(command), { say: console.log });
      console.log("done", root);
    `;

    function builder(
      images: string,
      command: string,
      env: Readonly<Record<string, string>> = {},
      uid?: number,
    ): { child: ChildProcess; said: () => string; ended: Promise<unknown> } {
      const file = join(dir, "builder.ts");
      writeFileSync(file, PROGRAM);
      const child = spawn(process.execPath, [file, images, plain, command], {
        cwd: "/",
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        ...(uid !== undefined && { uid, gid: uid }),
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      return { child, said: () => text, ended: once(child, "close") };
    }

    it.each(["images.step.done", "images.root.rename", "images.environment.write"])(
      "at %s: nothing half-built is found, and the next one builds it",
      async (point) => {
        const images = join(dir, `killed-${point}`);
        const image = Image.archive(plain).run("echo x > /x");
        // The first step is the archive, the second the command: the second time is in the midst.
        const killed = builder(images, "echo x > /x", {
          LIGASE_CRASH: point === "images.environment.write" ? point : `${point}:2`,
        });
        await killed.ended;
        expect(killed.child.signalCode).toBe("SIGKILL");
        expect(findRootfs({ imagesDir: images }, image)).toBeUndefined();
        expect(existsSync(join(images, "environments")) ? readdirSync(join(images, "environments")) : []).toEqual([]);
        const { root } = await buildRootfs({ imagesDir: images }, image);
        expect(readFileSync(join(root, "x"), "utf8")).toBe("x\n");
        expect(readdirSync(join(images, "building"))).toEqual([]);
      },
    );

    it("by SIGKILL: what they started ends with them, and who waits takes over", async () => {
      const images = join(dir, "takeover");
      const slow = "echo started > /started; while [ ! -e /nothing ]; do read x < /dev/zero; done";
      const first = builder(images, slow);
      onTestFinished(() => void first.child.kill("SIGKILL"));
      while (
        !existsSync(join(images, "building")) ||
        !readdirSync(join(images, "building"), { recursive: true }).some((name) =>
          String(name).endsWith("whole/root/started"),
        )
      ) {
        await wait(20);
        expect(first.child.exitCode).toBeNull();
      }
      const second = builder(images, slow);
      onTestFinished(() => void second.child.kill("SIGKILL"));
      while (!second.said().includes("=> Waiting for process")) await wait(20);
      expect(second.said()).toContain(`=> Waiting for process ${first.child.pid}, which builds the same`);
      first.child.kill("SIGKILL");
      await first.ended;
      // It holds the lock now, and is at work in a folder of its own.
      while (
        !readdirSync(join(images, "building"), { recursive: true }).some((name) =>
          String(name).endsWith("whole/root/started"),
        )
      )
        await wait(20);
      const alive = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.startsWith("/bin/sh -e -c echo started"));
      expect(alive.length).toBeLessThanOrEqual(1);
      second.child.kill("SIGKILL");
      await second.ended;
    });

    it.runIf(isRoot)(
      "as a user without a range of ids: Debian's packages are refused with the way to get one",
      async () => {
        const program = `
        import { findPrivilege, needOwners } from ${JSON.stringify(new URL("../../src/images/build/privilege.ts", import.meta.url).href)};
        const { kind } = await findPrivilege();
        try { needOwners({ kind, prefix: [] }, ".apt()"); } catch (error) { console.log(error.code, error.mend); }
      `;
        writeFileSync(join(dir, "privilege.ts"), program);
        chmodSync(dir, 0o755);
        const said = execFileSync(process.execPath, [join(dir, "privilege.ts")], {
          encoding: "utf8",
          uid: 65_534,
          gid: 65_534,
          cwd: "/",
        });
        expect(said).toMatch(/^LIGASE_E_IMAGE_ENGINE .*usermod --add-subuids/);
      },
    );

    it.runIf(isRoot)("as an ordinary user: the environment is that user's, and has the same contents", async () => {
      const nobody = 65_534;
      const images = join(dir, "nobody");
      mkdirSync(images);
      chownSync(images, nobody, nobody);
      chmodSync(dir, 0o755);
      chmodSync(plain, 0o644);
      const built = builder(images, "echo x > /x", { HOME: images }, nobody);
      await built.ended;
      expect(built.said()).toContain("done ");
      const image = Image.archive(plain).run("echo x > /x");
      const theirs = findRootfs({ imagesDir: images }, image);
      const ours = await buildRootfs({ imagesDir }, image);
      expect(theirs?.record.digest).toBe(ours.record.digest);
      const owners = execFileSync("find", [join(images, "roots"), "!", "-uid", String(nobody)], { encoding: "utf8" });
      expect(owners).toBe("");
    });
  });
});

describeWith({ programs: ["bwrap", "tar", "mount"], also: { "root, to mount a disk": isRoot } })("a full disk", () => {
  const small = join(dir, "small");
  beforeAll(() => {
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", small]);
    if (!existsSync(plain)) execFileSync("tar", ["-C", tinyRoot(join(dir, "tiny")), "-cf", plain, "."]);
  });
  afterAll(() => execFileSync("umount", ["--lazy", small]));

  it("is told as one, and nothing half-built is found", async () => {
    const image = Image.archive(plain);
    await expect(buildRootfs({ imagesDir: small }, image)).rejects.toMatchObject({
      code: "LIGASE_E_IMAGE_BUILD",
      message: expect.stringContaining("the disk is full"),
      mend: expect.stringContaining("LIGASE_IMAGES"),
    });
    expect(findRootfs({ imagesDir: small }, image)).toBeUndefined();
    expect(readdirSync(join(small, "building"))).toEqual([]);
  });
});

describeWith({ programs: ["bwrap", "skopeo", "umoci", "docker-registry", "tar", "ldd"] })(
  "an image of a registry",
  () => {
    let registry: ChildProcess;
    let host = "";
    let digest = "";

    beforeAll(async () => {
      if (!existsSync(join(dir, "tiny"))) tinyRoot(join(dir, "tiny"));
      const layout = join(dir, "layout");
      const umoci = (...args: string[]): string =>
        execFileSync("umoci", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
      umoci("init", "--layout", layout);
      umoci("new", "--image", `${layout}:tiny`);
      umoci("insert", "--image", `${layout}:tiny`, join(dir, "tiny"), "/");
      umoci(
        "config",
        "--image",
        `${layout}:tiny`,
        "--config.env",
        "FOO=a b=c",
        "--config.env",
        "HOME=/root",
        "--config.workingdir",
        "/etc",
        "--config.user",
        "daemon",
        "--config.entrypoint",
        "/bin/false",
      );
      const port = await freePort();
      host = `127.0.0.1:${port}`;
      const config = join(dir, "registry.yml");
      writeFileSync(
        config,
        JSON.stringify({
          version: 0.1,
          storage: { filesystem: { rootdirectory: join(dir, "registry") } },
          http: { addr: host },
        }),
      );
      registry = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
      for (let tries = 0; tries < 200; tries++) {
        const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
        if (answer?.ok) break;
        await wait(50);
      }
      const skopeo = (...args: string[]): string =>
        execFileSync("skopeo", ["--insecure-policy", ...args], { encoding: "utf8" });
      skopeo("copy", "--dest-tls-verify=false", `oci:${layout}:tiny`, `docker://${host}/lab/tiny:1`);
      skopeo("copy", `oci:${layout}:tiny`, `oci-archive:${join(dir, "oci.tar")}`);
      skopeo("copy", `oci:${layout}:tiny`, `docker-archive:${join(dir, "docker.tar")}:tiny:1`);
      digest = JSON.parse(skopeo("inspect", "--tls-verify=false", `docker://${host}/lab/tiny:1`)).Digest as string;
    });

    afterAll(async () => {
      registry.kill();
      await once(registry, "exit");
    });

    it("is taken by digest, with its variables; neither its entry point nor its user counts", async () => {
      const image = Image.from(`${host}/lab/tiny:1@${digest}`);
      const said: string[] = [];
      const environment = await engine.build(image, { say: (line) => said.push(line) });
      expect(said).toHaveLength(1);
      expect(environment.resolved).toBeUndefined();
      expect(environment.env).toMatchObject({ FOO: "a b=c", PATH: expect.stringContaining("/bin") });
      expect(environment.env).not.toHaveProperty("HOME");
      expect(await inside(image, "/bin/sh", "-c", "echo $FOO $HOME; id -u")).toBe("a b=c /tmp\n1000\n");
    });

    it("without a digest is warned of: the digest is recorded, and stays until it is asked for anew", async () => {
      const image = Image.from(`${host}/lab/tiny:1`);
      const said: string[] = [];
      const environment = await engine.build(image, { say: (line) => said.push(line) });
      expect(said.join("\n")).toContain(`${host}/lab/tiny:1 is a tag, which may move; it is ${digest} today`);
      expect(environment.resolved).toBe(digest);
      const { record } = findRootfs({ imagesDir }, image)!;
      expect(record.resolved).toEqual({ reference: `${host}/lab/tiny:1`, digest });
      const lock = makeLock({ ...record, title: "x" });
      expect(lock.base).toEqual({ reference: `${host}/lab/tiny:1`, digest });
      const other = await buildRootfs({ imagesDir: join(dir, "locked"), lock: () => lock }, image, {
        say: (line) => said.push(`locked ${line}`),
      });
      expect(other.record.digest).toBe(record.digest);
      expect(said.filter((line) => line.startsWith("locked")).join()).not.toContain("may move");
    });

    it("is the same as archive of either kind", async () => {
      const contents = await Promise.all(
        [
          Image.from(`${host}/lab/tiny@${digest}`),
          Image.archive(join(dir, "oci.tar")),
          Image.archive(join(dir, "docker.tar")),
        ].map(async (image) => (await engine.build(image)).digest),
      );
      expect(new Set(contents).size).toBe(1);
      expect(await inside(Image.archive(join(dir, "docker.tar")), "/bin/sh", "-c", "echo $FOO")).toBe("a b=c\n");
    });

    it.each<[string, () => string, string, string]>([
      ["does not exist", () => `${host}/lab/nothing:1`, "the registry has no such image", "check its name"],
      [
        "has no such digest",
        () => `${host}/lab/tiny@sha256:${"0".repeat(64)}`,
        "the registry has no such image",
        "check its name",
      ],
      [
        "is in a registry that cannot be reached",
        () => "127.0.0.1:9/lab/tiny:1",
        "the registry could not be reached",
        "check its name and the network",
      ],
      [
        "is in a registry that does not exist",
        () => "registry.invalid/lab/tiny:1",
        "the registry could not be reached",
        "check its name and the network",
      ],
    ])("that %s is told so", async (_, reference, message, mend) => {
      const error = await failure(Image.from(reference()));
      expect(error).toMatchObject({
        code: "LIGASE_E_IMAGE_BUILD",
        message: expect.stringContaining(message),
        mend: expect.stringContaining(mend),
      });
    });
  },
);

describeWith({
  programs: ["bwrap", "skopeo", "umoci", "podman", "runc", "tar", "ldd"],
  also: { "root, to set podman up": isRoot },
})("a Dockerfile", () => {
  let stop = async (): Promise<void> => {};
  beforeAll(() => {
    const podman = startPodman(join(dir, "podman"));
    const unset = setVariables(podman.env);
    stop = async () => {
      unset();
      await podman.stop();
    };
    tinyRoot(join(dir, "context/root"));
    writeFileSync(
      join(dir, "context/Dockerfile"),
      "FROM scratch\nCOPY root /\nARG WHO=nobody\nENV WHO=$WHO\nRUN echo built by $WHO > /built\n",
    );
  });
  afterAll(() => stop());

  it("is built with its context and arguments", async () => {
    const file = join(dir, "context/Dockerfile");
    expect(await inside(Image.dockerfile(file), "/bin/sh", "-c", "cat /built; echo $WHO")).toBe(
      "built by nobody\nnobody\n",
    );
    expect(await inside(Image.dockerfile(file, { args: { WHO: "ada; id" } }), "/bin/cat", "/built")).toBe(
      "built by ada; id\n",
    );
  });

  it("that fails tells so", async () => {
    writeFileSync(join(dir, "context/bad"), "FROM scratch\nCOPY root /\nRUN echo no >&2; exit 3\n");
    const { code, message } = await failure(Image.dockerfile(join(dir, "context/bad")));
    expect([code, message]).toEqual(["LIGASE_E_IMAGE_BUILD", expect.stringContaining("no")]);
  });
});
