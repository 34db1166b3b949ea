/**
 * Definitions of environments: what they refuse, what counts in their identity, and their form as data.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Image } from "../../../src/images/index.ts";
import { LigaseError } from "../../../src/kernel/index.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), "ligase-image-"));
  folders.push(path);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const D = Image.debian("12");

function refusal(make: () => unknown): LigaseError {
  try {
    make();
  } catch (error) {
    if (error instanceof LigaseError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a definition refuses", () => {
  it.each<[string, () => unknown, string, string]>([
    ["a release that is not there", () => Image.debian("4"), '"4" is no Debian release', 'Image.debian("12")'],
    ["a codename", () => Image.debian("bookworm"), '"bookworm"', 'Image.debian("12")'],
    ["nothing", () => D.apt(), "no Debian package was named", ".apt("],
    ["an option of apt", () => D.apt("-oAPT::x=y"), "-oAPT", ".apt("],
    ["a package that apt would remove", () => D.apt("bwa-"), '"bwa-"', ".apt("],
    ["several packages in one text", () => D.apt("bwa samtools"), '"bwa samtools"', "one argument each"],
    ["the shell's letters in a package", () => D.apt("bwa;id"), '"bwa;id"', ".apt("],
    ["a substitution", () => D.apt("$(id)"), "$(id)", ".apt("],
    ["an option of pip", () => D.pip("--index-url=http://x"), "--index-url", ".pip("],
    ["a local path for pip", () => D.pip("./lib"), "./lib", ".pip("],
    ["the shell's letters for pip", () => D.pip("numpy; touch /x"), "numpy; touch /x", ".pip("],
    ["an option of conda", () => D.conda("--help"), "--help", ".conda("],
    ["a channel that is none", () => D.conda("bwa", { channels: ["a b"] }), '"a b"', "channels"],
    ["a Python the release has not", () => D.python("3.9"), "Debian 12 has Python 3.11, not 3.9", 'Image.debian("11")'],
    ["a Python no release has", () => D.python("3.12"), "not 3.12", '.conda("python=3.12")'],
    ["a Python in full", () => D.python("3.11.4"), "3.11.4", '.python("3.11")'],
    ["an empty command", () => D.run(""), "no command to run", ".run("],
    ["a NUL", () => D.run("a\0b"), "no command to run", ".run("],
    ["a variable's name", () => D.env({ "A-B": "x" }), '"A-B"', ".env("],
    ["a relative place", () => D.files("x", "data"), "data, which is not absolute", "absolute"],
    ["a place outside", () => D.files("x", "/opt/../../etc"), '".."', "absolute"],
    ["the root", () => D.workdir("/"), "root itself", "absolute"],
    ["a place that is not kept", () => D.files("x", "/tmp/x"), "not kept", "absolute"],
    ["a reference with spaces", () => Image.from("a b"), '"a b"', "registry/name:tag"],
    ["a reference with a scheme", () => Image.from("docker://debian:12"), "docker://", 'Image.from("debian:12")'],
    ["an option as a reference", () => Image.from("--help"), "--help", "registry/name:tag"],
    ["a digest that is cut", () => Image.from("debian@sha256:12ab"), "12ab", "registry/name:tag"],
    ["layers without a base", () => Image.fromJSON({ layers: [{ apt: ["bwa"] }] }), "begins with apt", "layers"],
    ["two bases", () => Image.fromJSON([{ debian: "12" }, { debian: "11" }]), "only be the first", "layers"],
    ["an unknown layer", () => Image.fromJSON([{ debian: "12" }, { yum: ["x"] }]), "layer 2", "apt"],
    ["bad packages in JSON", () => Image.fromJSON([{ debian: "12" }, { apt: ["x y"] }]), '"x y"', ".apt("],
    ["no layers", () => Image.fromJSON({}), "no layers", "layers"],
  ])("%s", (_, make, message, mend) => {
    const error = refusal(make);
    expect(error.code).toBe("LIGASE_E_IMAGE_DEFINITION");
    expect(error.message).toContain(message);
    expect(error.mend).toContain(mend);
  });

  it.each(["bwa", "g++", "libc6:amd64", "samtools=1.16.1-1", "r-base-core", "libstdc++6", "xx=1:2.0~rc1+dfsg-1"])(
    "not the Debian package %s",
    (name) => {
      expect(D.apt(name).layers.at(-1)).toEqual({ apt: [name] });
    },
  );

  it.each([
    "numpy",
    "pandas==2.2.3",
    "torch>=2,<3",
    "uvicorn[standard]",
    "zarr ~= 2.1",
    'tomli; python_version < "3.11"',
    "six @ https://example.org/six-1.0-py3-none-any.whl",
  ])("not the Python package %s", (name) => {
    expect(D.pip(name).layers.at(-1)).toEqual({ pip: [name] });
  });

  it.each(["bwa", "bwa=0.7.17", "numpy>=2,<3", "bioconda::bwa=0.7.17=h7132678_9", "python 3.12.*".replace(" ", "=")])(
    "not the conda package %s",
    (name) => {
      expect(D.conda(name).layers.at(-1)).toMatchObject({ conda: [name], channels: ["conda-forge", "bioconda"] });
    },
  );

  it.each([
    "debian:12",
    "quay.io/biocontainers/bwa:0.7.17--he4a0461_11",
    "localhost:5000/a/b_c:1",
    `nvcr.io/nvidia/cuda:12.4@sha256:${"a".repeat(64)}`,
  ])("not the reference %s", (reference) => {
    expect(Image.from(reference).layers).toEqual([{ from: reference }]);
  });
});

describe("an identity", () => {
  it("stays what it is between versions of Ligase: results are found by it", () => {
    expect(D.apt("bwa", "samtools").identity).toBe("6b9d0aab86c6db310909a730a4cfdf69cbdc84ff");
  });

  it("is of the steps and their order, not of the object", () => {
    expect(D.apt("a1", "b1").identity).toBe(Image.debian("12").apt("a1", "b1").identity);
    const others = [D, D.apt("a1"), D.apt("b1", "a1"), D.apt("a1").apt("b1"), Image.debian("11").apt("a1", "b1")];
    expect(new Set(others.map(({ identity }) => identity)).size).toBe(others.length);
    expect(others.map(({ identity }) => identity)).not.toContain(D.apt("a1", "b1").identity);
  });

  it("never changes under a chain: each step is a new definition", () => {
    const before = D.identity;
    D.apt("bwa").run("true").env({ A: "b" });
    expect([D.identity, D.layers.length]).toEqual([before, 1]);
  });

  it("counts the content of files, not where they lie, when they were written, or what is left out", () => {
    const a = folder({ "ref/a.fa": ">a\nACGT\n", "ref/sub/b.fa": ">b\n" });
    const b = folder({
      "copy/a.fa": ">a\nACGT\n",
      "copy/sub/b.fa": ">b\n",
      "copy/.git/HEAD": "x",
      "copy/.ligase/x": "x",
    });
    utimesSync(join(b, "copy/a.fa"), 1, 1);
    const of = (path: string): string => D.files(path, "/opt/ref").identity;
    expect(of(join(a, "ref"))).toBe(of(join(b, "copy")));
    writeFileSync(join(b, "copy/sub/b.fa"), ">c\n");
    expect(of(join(a, "ref"))).not.toBe(of(join(b, "copy")));
    expect(of(join(a, "ref"))).not.toBe(D.files(join(a, "ref"), "/opt/other").identity);
    symlinkSync("a.fa", join(a, "ref/link"));
    expect(D.files(join(a, "ref"), "/opt/ref").identity).not.toBe(of(join(b, "copy")));
  });

  it("names a local file that is not there when it is asked for", () => {
    const image = D.files("no/such/file", "/opt/x");
    expect(refusal(() => image.identity).message).toContain(
      "no/such/file, which the image takes files from, does not exist",
    );
  });

  it("counts the requirements of a file, and of those that it includes", () => {
    const a = folder({ "r.txt": "numpy==2.0 # why\n-r more/r2.txt\n\n", "more/r2.txt": "pandas\n" });
    const image = D.requirements(join(a, "r.txt"));
    expect(image.toJSON().layers.at(-1)).toMatchObject({ requirements: "numpy==2.0\npandas" });
    const before = image.identity;
    writeFileSync(join(a, "more/r2.txt"), "pandas==2\n");
    expect(D.requirements(join(a, "r.txt")).identity).not.toBe(before);
  });

  it.each([
    ["-e .", "names a local folder"],
    ["./lib", "names a local folder"],
    ["-c limits.txt", "a file of constraints"],
    ["-r r.txt", "includes itself"],
    ["-r gone.txt", "gone.txt"],
  ])("cannot be of requirements with %s", (line, message) => {
    const image = D.requirements(join(folder({ "r.txt": `${line}\n` }), "r.txt"));
    expect(refusal(() => image.identity).message).toContain(message);
  });

  it("of a Dockerfile counts its context, without what .dockerignore leaves out", () => {
    const a = folder({
      Dockerfile: "FROM x\n",
      ".dockerignore": "data\n*.log\n",
      "a.txt": "1",
      "data/big": "1",
      "x.log": "1",
    });
    const of = (): string => Image.dockerfile(join(a, "Dockerfile")).identity;
    const before = of();
    writeFileSync(join(a, "data/big"), "2");
    writeFileSync(join(a, "x.log"), "2");
    expect(of()).toBe(before);
    writeFileSync(join(a, "a.txt"), "2");
    expect(of()).not.toBe(before);
    expect(Image.dockerfile(join(a, "Dockerfile"), { args: { A: "1" } }).identity).not.toBe(of());
  });
});

describe("a definition as data", () => {
  const names = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/);
  const layer = fc.oneof(
    fc.record({ apt: fc.array(names, { minLength: 1 }) }),
    fc.record({ pip: fc.array(names, { minLength: 1 }) }),
    fc.record({ conda: fc.array(names, { minLength: 1 }), channels: fc.array(names, { minLength: 1 }) }),
    fc.record({
      run: fc.array(
        fc.string({ minLength: 1 }).filter((text) => !text.includes("\0")),
        { minLength: 1 },
      ),
    }),
    fc.record({
      env: fc.dictionary(
        fc.stringMatching(/^[A-Z_]\w{0,5}$/),
        fc.string().filter((text) => !text.includes("\0")),
      ),
    }),
    fc.record({ workdir: names.map((name) => `/opt/${name}`) }),
  );

  it("is read back as the same definition", () => {
    fc.assert(
      fc.property(fc.array(layer), (layers) => {
        const image = Image.fromJSON({ layers: [{ debian: "12" }, ...layers] });
        const again = Image.fromJSON(JSON.parse(JSON.stringify(image)));
        expect(again.identity).toBe(image.identity);
        expect(again.toJSON()).toEqual(image.toJSON());
      }),
    );
  });

  it("keeps what was read of files, so that it means the same where they are not", () => {
    const a = folder({ "x.txt": "1", "r.txt": "six\n", Dockerfile: "FROM x\n", "i.tar": "no tar" });
    const all = [
      D.files(join(a, "x.txt"), "/opt/x").requirements(join(a, "r.txt")),
      Image.dockerfile(join(a, "Dockerfile")),
      Image.archive(join(a, "i.tar")),
    ];
    const texts = all.map((image) => JSON.stringify(image));
    rmSync(a, { recursive: true });
    folders.splice(0);
    expect(texts.map((text) => Image.fromJSON(JSON.parse(text)).identity)).toEqual(all.map(({ identity }) => identity));
  });

  it("never lets anything through that is no definition, nor fails otherwise than by saying so", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          expect(Image.fromJSON(value).identity).toMatch(/^[0-9a-f]{40}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(LigaseError);
        }
      }),
    );
  });
});
