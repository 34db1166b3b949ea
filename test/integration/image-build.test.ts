/**
 * Environments built for real, and all the ways in which that fails. The base is built once for the whole file; what is
 * said of a network needs one.
 *
 * @module
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildRootfs, findRootfs } from "../../src/images/build/index.ts";
import { Image } from "../../src/images/image.ts";
import { makeLock } from "../../src/images/lock/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import type { Environment, ImageEngine } from "../../src/images/types.ts";
import { describeWith } from "../support/needs.ts";
import { seedDebian } from "./support/seed-debian.ts";
import { setVariables } from "../support/engines.ts";
import { enclosureOf, enter } from "./engines/drive.ts";

const dir = mkdtempSync("/tmp/ligase-build-");
const imagesDir = join(dir, "images");
const engine: ImageEngine = createSandboxEngine({ imagesDir });
const D = Image.debian("12");

afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

/** What a command prints in an environment; it must succeed. */
async function inside(environment: Environment, ...command: string[]): Promise<string> {
  const { status, stdout, stderr } = await enter(engine, environment, enclosureOf({ cwd: dir, command })).ended;
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

/** How a build fails. */
async function failure(
  image: Image,
  where: Partial<Parameters<typeof buildRootfs>[0]> = {},
): Promise<{ code: string; message: string; mend: string; facts: { log: string } }> {
  const error: unknown = await buildRootfs({ imagesDir, ...where }, image).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(findRootfs({ imagesDir }, image)).toBeUndefined();
  expect(readdirSync(join(imagesDir, "building"))).toEqual([]);
  return error as never;
}

describeWith({ programs: ["bwrap", "mmdebstrap"] })("a Debian", () => {
  beforeAll(async () => {
    await seedDebian(imagesDir);
    await engine.build(D);
  });

  it("gets packages, commands, files, variables and a directory; the next process finds it", async () => {
    writeFileSync(join(dir, "tool.sh"), "#!/bin/sh\necho tool\n");
    chmodSync(join(dir, "tool.sh"), 0o755);
    const image = D.apt("bwa")
      .env({ GREETING: "hej" })
      .workdir("/srv/made")
      .run('pwd > where; echo "$GREETING" > said', "id -u > who")
      .files(join(dir, "tool.sh"), "/usr/local/bin/tool");
    const said: string[] = [];
    const environment = await engine.build(image, { say: (line) => said.push(line) });
    expect(said).toEqual([
      `=> Building image ${image.identity.slice(0, 12)} (debian 12, apt bwa, run pwd > where; echo "$GREETING" > said; i…, files /usr/local/bin/tool)`,
    ]);
    expect(environment.packages["apt"]?.["bwa"]).toMatch(/^0\.7\.17/);
    expect(await inside(environment, "sh", "-c", "cat /srv/made/*; tool; echo $GREETING; command -v bwa")).toBe(
      "hej\n/srv/made\n0\ntool\nhej\n/usr/bin/bwa\n",
    );
    const other = createSandboxEngine({ imagesDir });
    expect(await other.find(image)).toEqual(environment);
    expect(await other.build(image, { say: (line) => said.push(line) })).toEqual(environment);
    expect(said[1]).toMatch(/^=> Using cached image/);
  });

  it("is begun where another definition left off, and takes the space of what differs", async () => {
    const first = await buildRootfs({ imagesDir }, D.apt("bwa").run("echo 1 > /opt/one"));
    expect(first.record.size).toBeLessThan(2 ** 20);
    expect(first.record.total).toBeGreaterThan(100 * 2 ** 20);
    const log = readFileSync(join(imagesDir, "logs", readdirSync(join(imagesDir, "logs")).sort().at(-1)!), "utf8");
    expect(log).not.toContain("mmdebstrap");
    expect(log).not.toContain("apt-get");
  });

  it("has the same digest when it is built again elsewhere", async () => {
    const image = D.run("mkdir -p /opt/a; echo x > /opt/a/b");
    const one = await buildRootfs({ imagesDir }, image);
    const other = join(dir, "other");
    await seedDebian(other);
    expect((await buildRootfs({ imagesDir: other }, image)).record.digest).toBe(one.record.digest);
  });

  it("that fails to build tells the command, its last lines and the log, and leaves nothing", async () => {
    const { code, message, mend, facts } = await failure(D.run("echo all is well", "echo it is not; ls /nowhere"));
    expect(code).toBe("LIGASE_E_IMAGE_BUILD");
    expect(message).toContain(
      "could not be built: echo it is not; ls /nowhere: it exited with 2\n  all is well\n  it is not\n  ls: cannot access '/nowhere'".replace(
        "  all is well\n",
        "",
      ),
    );
    expect(mend).toContain(facts.log);
    expect(readFileSync(facts.log, "utf8")).toContain("all is well");
  });

  it("has no package that does not exist", async () => {
    const { message, mend } = await failure(D.apt("no-such-package-anywhere"));
    expect(message).toContain("there is no Debian package no-such-package-anywhere");
    expect(mend).toContain("packages.debian.org");
  });

  it("cannot have packages of a mirror that cannot be reached", async () => {
    const unset = setVariables({ LIGASE_DEBIAN_MIRROR: "http://127.0.0.1:9/debian" });
    try {
      const { code, message, mend } = await failure(D.apt("samtools"));
      expect([code, message]).toEqual([
        "LIGASE_E_IMAGE_BUILD",
        expect.stringContaining("Debian's archive could not be reached"),
      ]);
      expect(mend).toContain("LIGASE_DEBIAN_MIRROR");
    } finally {
      unset();
    }
  });

  it("never takes a command's values for shell, nor lets it write outside", async () => {
    writeFileSync(join(dir, "mine"), "mine");
    const environment = await engine.build(
      D.env({ X: "$(touch /opt/bad) `id`; '" }).run(
        `ls ${join(dir, "mine")} > /opt/seen 2>&1 || true; echo "$X" > /opt/x`,
      ),
    );
    expect(await inside(environment, "cat", "/opt/x", "/opt/seen")).toBe(
      `$(touch /opt/bad) \`id\`; '\nls: cannot access '${join(dir, "mine")}': No such file or directory\n`,
    );
    expect(await inside(environment, "ls", "/opt")).toBe("seen\nx\n");
  });

  it("is refused when a local file has changed since it was defined", async () => {
    writeFileSync(join(dir, "data"), "1");
    const image = D.files(join(dir, "data"), "/opt/data");
    expect(image.identity).toBeTruthy();
    writeFileSync(join(dir, "data"), "2");
    expect(await failure(image)).toMatchObject({
      code: "LIGASE_E_IMAGE_DEFINITION",
      message: expect.stringContaining("has changed"),
    });
  });

  describe("with Python packages", () => {
    const image = D.python("3.11").pip("six==1.17.0").pip("iniconfig");

    it("has them for its python3, with versions and hashes recorded", async () => {
      const { record } = await buildRootfs({ imagesDir }, image);
      expect(record.packages["pip"]).toMatchObject({ six: "1.17.0", iniconfig: expect.stringMatching(/^\d/) });
      expect(record.archives.find(({ name }) => name === "six")?.sha256).toMatch(/^[0-9a-f]{64}$/);
      const environment = await engine.build(image);
      expect(await inside(environment, "python3", "-c", "import six, iniconfig; print(six.__version__)")).toBe(
        "1.17.0\n",
      );
      expect(await inside(environment, "/usr/bin/python3", "-c", "import six")).toBe("");
    });

    it("takes those of a file", async () => {
      writeFileSync(join(dir, "requirements.txt"), "# mine\nsix == 1.17.0\n");
      const environment = await engine.build(D.requirements(join(dir, "requirements.txt")));
      expect(environment.packages["pip"]).toEqual({ six: "1.17.0" });
    });

    it("has none that does not exist", async () => {
      const { message } = await failure(D.pip("surely-there-is-no-such-package-as-this"));
      expect(message).toContain("there is no Python package surely-there-is-no-such-package-as-this");
    });

    it("cannot have them of an index that cannot be reached", async () => {
      const unset = setVariables({ PIP_INDEX_URL: "http://127.0.0.1:9/simple", PIP_RETRIES: "0" });
      try {
        expect((await failure(D.pip("attrs"))).message).toContain("the index of Python packages could not be reached");
      } finally {
        unset();
      }
    });

    it("is built from a lock as it was, of exactly the same packages", async () => {
      const { record } = await buildRootfs({ imagesDir }, image);
      const lock = makeLock({ ...record, title: "x" });
      const said: string[] = [];
      const same = await buildRootfs({ imagesDir, lock: () => lock }, image, { say: (line) => said.push(line) });
      expect(same.record.key).toBe(record.key);
      expect(said[0]).toMatch(/^=> Using cached image/);
      // Where these bits are not there, they are built again. A lock of other contents: `run` may not leave the same twice.
      const other = join(dir, "elsewhere");
      await seedDebian(other);
      const older = { ...lock, title: "y", contents: `sha256:${"0".repeat(64)}` };
      const warned: string[] = [];
      const log = { debug() {}, info() {}, warn: (line: string) => void warned.push(line) };
      const again = await buildRootfs({ imagesDir: other, lock: () => older }, image, { say: () => {}, log });
      expect(again.record.packages).toEqual(record.packages);
      expect(again.record.digest).toBe(record.digest);
      expect(warned.join()).toContain("not in all its files the same bits");
    });

    it("says what of a lock cannot be had any more", async () => {
      const { record } = await buildRootfs({ imagesDir }, image);
      const lock = makeLock({ ...record, title: "x" });
      const unset = setVariables({ LIGASE_DEBIAN_SNAPSHOTS: "http://127.0.0.1:9" });
      try {
        const gone = {
          ...lock,
          packages: { ...lock.packages, apt: { ...lock.packages["apt"], "python3-pip": "9.9-1" } },
        };
        const error = await failure(D.apt("python3-pip"), { lock: () => gone });
        expect(error.code).toBe("LIGASE_E_IMAGE_LOCK");
        expect(error.message).toMatch(/python3-pip 9\.9-1 \(now 23\.0/);
        const [six, ...rest] = lock.archives.filter(({ name }) => name === "six");
        const tampered = {
          ...lock,
          archives: [
            ...lock.archives.filter(({ name }) => name !== "six"),
            { ...six!, sha256: "0".repeat(64) },
            ...rest,
          ],
        };
        const hash = await failure(D.pip("six"), { lock: () => tampered });
        expect(hash.message).toContain("a Python package is not the one that was locked");
      } finally {
        unset();
      }
    });
  });

  describe("with conda packages", () => {
    /** Stands in for micromamba, which no package index has: writes down how it was called, and leaves what it would. */
    const MICROMAMBA = `#!/bin/sh
echo "$@" > /opt/called
case "$*" in *nosuch*) echo "error    libmamba Could not solve for environment specs"; echo "    nothing provides requested nosuch"; exit 1;; esac
mkdir -p /opt/conda/conda-meta /opt/conda/bin /opt/conda/etc/conda/env_vars.d
printf '#!/bin/sh\\necho conda\\n' > /opt/conda/bin/hello; chmod 755 /opt/conda/bin/hello
echo '{"name":"hello","version":"1.0","build":"h1","url":"https://c/hello-1.0-h1.conda","md5":"m","sha256":"s"}' > /opt/conda/conda-meta/hello-1.0-h1.json
echo '{"HELLO_DATA":"/opt/conda/share"}' > /opt/conda/etc/conda/env_vars.d/hello.json
case "$*" in *explicit.txt*) cat /run/ligase/conda/explicit.txt > /opt/explicit;; esac
`;
    let unset = (): void => {};
    beforeAll(() => {
      const program = join(dir, "micromamba");
      writeFileSync(program, MICROMAMBA);
      chmodSync(program, 0o755);
      unset = setVariables({ LIGASE_MICROMAMBA: program });
    });
    afterAll(() => unset());

    it("asks micromamba for them, inside, of these channels alone; they come first on the path", async () => {
      const environment = await engine.build(
        D.conda("hello=1.0", "python>=3.12", { channels: ["bioconda", "conda-forge"] }),
      );
      expect(await inside(environment, "cat", "/opt/called")).toBe(
        "create --yes --no-rc --root-prefix /run/ligase/mamba --prefix /opt/conda --override-channels --strict-channel-priority --channel bioconda --channel conda-forge hello=1.0 python>=3.12\n",
      );
      expect(await inside(environment, "sh", "-c", "hello; echo $HELLO_DATA")).toBe("conda\n/opt/conda/share\n");
      expect(environment.packages["conda"]).toEqual({ hello: "1.0=h1" });
      expect(environment.env["PATH"]).toMatch(/^\/opt\/conda\/bin:/);
    });

    it("says which there is none of", async () => {
      expect((await failure(D.conda("nosuch"))).message).toContain("the channels have no conda package nosuch");
    });

    it("takes locked ones from an explicit list", async () => {
      const image = D.conda("hello");
      const { record } = await buildRootfs({ imagesDir }, image);
      const lock = { ...makeLock({ ...record, title: "x" }), contents: "sha256:other" };
      // Elsewhere: here the packages are those of the lock already.
      const elsewhere = join(dir, "conda");
      await seedDebian(elsewhere);
      const { root } = await buildRootfs({ imagesDir: elsewhere, lock: () => lock }, image);
      expect(readFileSync(join(root, "opt/explicit"), "utf8")).toBe("@EXPLICIT\nhttps://c/hello-1.0-h1.conda#m\n");
      const other = { ...lock, archives: lock.archives.map((archive) => ({ ...archive, sha256: "t" })) };
      expect(await failure(D.conda("hello", "hello"), { lock: () => other })).toMatchObject({
        code: "LIGASE_E_IMAGE_LOCK",
      });
    });
  });
});
