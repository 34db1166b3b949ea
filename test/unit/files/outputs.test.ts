import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import { collectOutputs, Dir, File, optional, type OutputValue } from "../../../src/files/index.ts";
import { containing, tempDir } from "./temp-dir.ts";

function workDir(...paths: string[]): string {
  const dir = tempDir();
  for (const path of paths) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    if (path.endsWith("/")) mkdirSync(join(dir, path), { recursive: true });
    else writeFileSync(join(dir, path), path);
  }
  return dir;
}

describe("collectOutputs", () => {
  it("gives a File for a name, a list for a pattern, a Dir for a folder, in the shape asked for", async () => {
    const dir = workDir("a.bam", "b.fq", "a.fq", "qc/report.html", "deep/er/x.txt", ".hidden.fq", "empty/");
    const spec = {
      bam: "a.bam",
      reads: "*.fq",
      more: [{ qc: "qc/" }, "deep/er/x.txt"],
      all: "**/*.{txt,html}",
      empty: "empty/",
    };
    expect(await collectOutputs(spec, dir)).toEqual({
      bam: new File(join(dir, "a.bam")),
      reads: [new File(join(dir, "a.fq")), new File(join(dir, "b.fq"))],
      more: [{ qc: new Dir(join(dir, "qc")) }, new File(join(dir, "deep/er/x.txt"))],
      all: [new File(join(dir, "deep/er/x.txt")), new File(join(dir, "qc/report.html"))],
      empty: new Dir(join(dir, "empty")),
    });
    expect(await collectOutputs("a.bam", dir)).toEqual(new File(join(dir, "a.bam")));
    expect(await collectOutputs("{qc,empty,deep/*}/", dir)).toEqual(
      ["deep/er", "empty", "qc"].map((path) => new Dir(join(dir, path))),
    );
  });

  it("gives sidecars to a file, without the file itself", async () => {
    const dir = workDir("ref.fa", "ref.fa.bwt", "ref.fa.ann");
    const found = await collectOutputs(
      { file: "ref.fa", sidecars: ["ref.fa.*", "ref.fa*", optional("ref.dict")] },
      dir,
    );
    expect(found).toEqual(new File(join(dir, "ref.fa")).with(join(dir, "ref.fa.ann"), join(dir, "ref.fa.bwt")));
    await expect(collectOutputs({ x: { file: "ref.fa", sidecars: "ref.fa.fai" } }, dir)).rejects.toMatchObject({
      code: "LIGASE_E_MISSING_OUTPUT",
      facts: { field: "x.sidecars", pattern: "ref.fa.fai" },
    });
  });

  it("lets an optional output be missing", async () => {
    const dir = workDir("there");
    const spec = { a: optional("there"), b: optional("gone"), c: optional("*.x"), d: optional({ e: "gone/" }) };
    expect(await collectOutputs(spec, dir)).toEqual({
      a: new File(join(dir, "there")),
      b: undefined,
      c: [],
      d: { e: undefined },
    });
  });

  it("names a missing output, what is there instead, and what was meant", async () => {
    const dir = workDir("sorted.bam", "staged.fq", ".command.sh");
    const staged = new Set(["staged.fq"]);
    await expect(collectOutputs({ out: { bam: "sortd.bam" } }, dir, { staged })).rejects.toMatchObject({
      code: "LIGASE_E_MISSING_OUTPUT",
      message: "the output out.bam (sortd.bam) is missing: the work directory holds sorted.bam",
      mend: 'did you mean "sorted.bam"?',
      facts: { field: "out.bam", pattern: "sortd.bam", workDir: dir },
    });
    await expect(collectOutputs(["*.vcf"], dir)).rejects.toMatchObject({
      message: "the output [0] (*.vcf) matches nothing: the work directory holds sorted.bam, staged.fq",
    });
    await expect(collectOutputs("x", workDir())).rejects.toMatchObject({
      message: "the output (x) is missing: the work directory holds no new files",
    });
    const many = workDir(...Array.from({ length: 30 }, (_, i) => `file ${i}`));
    await expect(collectOutputs("x", many)).rejects.toThrow(/holds "file 0", "file 1".*, 22 more$/);
  });

  it.each([["../x"], ["/etc/passwd"], ["a/../../x"], ["."], ["./"], [""], ["a\0b"]])(
    "refuses %j, which is not in the work directory",
    async (pattern) => {
      await expect(collectOutputs({ out: pattern }, workDir("x"))).rejects.toMatchObject({
        code: "LIGASE_E_OUTPUT_OUTSIDE",
        facts: { field: "out", pattern },
      });
    },
  );

  it("refuses links that leave the work directory, for files, folders and folders on the way", async () => {
    const dir = workDir("x");
    const elsewhere = workDir("secret.txt");
    symlinkSync(join(elsewhere, "secret.txt"), join(dir, "link.txt"));
    symlinkSync(elsewhere, join(dir, "folder"));
    for (const spec of ["link.txt", "*.txt", "folder/", "folder/secret.txt"]) {
      await expect(collectOutputs(spec, dir)).rejects.toMatchObject({ code: "LIGASE_E_OUTPUT_OUTSIDE" });
    }
    // A staged input is such a link: patterns pass over it.
    writeFileSync(join(dir, "new.txt"), "");
    expect(await collectOutputs("*.txt", dir, { staged: new Set(["link.txt"]) })).toEqual([
      new File(join(dir, "new.txt")),
    ]);
  });

  it("follows links inside, and takes a dangling one for missing", async () => {
    const dir = workDir("x");
    symlinkSync("x", join(dir, "link"));
    symlinkSync("nowhere", join(dir, "dangling"));
    symlinkSync("loop", join(dir, "loop"));
    expect(await collectOutputs("link", dir)).toEqual(new File(join(dir, "link")));
    for (const name of ["dangling", "loop"]) {
      await expect(collectOutputs(name, dir)).rejects.toMatchObject({ code: "LIGASE_E_MISSING_OUTPUT" });
    }
  });

  it("refuses a folder for a file, a file for a folder, and a pipe", async () => {
    const dir = workDir("file", "folder/");
    execFileSync("mkfifo", [join(dir, "pipe")]);
    await expect(collectOutputs("folder", dir)).rejects.toMatchObject({
      code: "LIGASE_E_OUTPUT_KIND",
      mend: containing('"folder/"'),
    });
    await expect(collectOutputs("file/", dir)).rejects.toMatchObject({ code: "LIGASE_E_OUTPUT_KIND" });
    await expect(collectOutputs("pipe", dir)).rejects.toMatchObject({ code: "LIGASE_E_OUTPUT_KIND" });
  });

  it.each(["-x", "a b", 'it\'s "q"', "new\nline", "é", "e\u0301", "[x", "{a}", "#a", "!a", "~", "日本語"])(
    "takes the odd name %j",
    async (name) => {
      const dir = workDir(name);
      expect(await collectOutputs(name, dir)).toEqual(new File(join(dir, name)));
      expect(await collectOutputs("*", dir)).toEqual([new File(join(dir, name))]);
    },
  );

  it("takes a name with wildcards in it when they are escaped", async () => {
    const dir = workDir("a*[1].txt", "ab1.txt");
    expect(await collectOutputs("a\\*\\[1].txt", dir)).toEqual(new File(join(dir, "a*[1].txt")));
  });

  it.each([[7], [null], [undefined], [{ a: 7 }]])("refuses %j as a pattern", async (spec) => {
    await expect(collectOutputs(spec, workDir())).rejects.toMatchObject({ code: "LIGASE_E_OUTPUTS" });
  });

  it("has types that say what comes back", () => {
    expect.assertions(0);
    const spec = {
      bam: "a.bam",
      reads: "*.fq",
      chromosomes: "chr{1..22}.vcf",
      qc: "qc/",
      runs: "run*/",
      log: optional("log.txt"),
      more: optional("*.txt"),
      ref: { file: "ref.fa", sidecars: ["ref.fa.*"] },
      pair: ["r1.fq", "r2.fq"],
    } as const;
    expectTypeOf<OutputValue<typeof spec>>().toEqualTypeOf<{
      bam: File;
      reads: File[];
      chromosomes: File[];
      qc: Dir;
      runs: Dir[];
      log: File | undefined;
      more: File[];
      ref: File;
      pair: [File, File];
    }>();
  });
});
