import fc from "fast-check";
import { expect, it } from "vitest";
import { Image } from "../../../src/images/index.ts";
import {
  changeTexts,
  compareDefinitions,
  compareEnvironments,
  definitionText,
  environmentOfJob,
  environmentsOfRun,
  environmentText,
  layersOf,
  namedPackages,
  packageText,
} from "../../../src/record/environments/index.ts";
import { packageName } from "../../../src/record/environments/definition.ts";
import { factsOf } from "../../../src/record/environments/facts.ts";
import { readImageKey } from "../../../src/record/environments/key.ts";
import type { ImageRow } from "../../../src/store/index.ts";
import { emptyRecord } from "../archive/stores.ts";
import * as rows from "../store/rows.ts";

const ONE = `sha256:${"1".repeat(64)}`;
const TWO = `sha256:${"2".repeat(64)}`;

const texts = (before: Image, after: Image): readonly string[] =>
  compareDefinitions(before.settled(), after.settled()).map(definitionText);

function row(image: Image, change: Partial<ImageRow> = {}): ImageRow {
  const definition = JSON.stringify(image);
  return { ...rows.image({ digest: ONE }), identity: image.identity, definition, ...change };
}

it("tells of definitions which packages, releases, variables and steps differ", () => {
  const before = Image.debian("12").apt("bwa", "samtools").env({ LANG: "C", TZ: "UTC" }).run("make tools");
  const after = Image.debian("13")
    .apt("bwa", "samtools=1.16.1-1", "bcftools")
    .env({ LANG: "en", TZ: "UTC" })
    .run("make all")
    .workdir("/data");
  expect(texts(before, after)).toEqual([
    "debian 12 → 13",
    "apt samtools → samtools=1.16.1-1",
    "apt bcftools added",
    "env LANG=C → LANG=en",
    "run make tools → make all",
    "workdir /data added",
  ]);
  expect(texts(after, before)).toContain("apt bcftools removed");
});

it("knows a package by its name, whatever is asked of it", () => {
  for (const [text, name] of [
    ["samtools=1.16.1-1", "samtools"],
    ["libstdc++6", "libstdc++6"],
    ["numpy>=2", "numpy"],
    ["pandas[excel]==2.2.3", "pandas"],
    ["bioconda::bwa=0.7.17=h5bf99c6_8", "bwa"],
    ["torch @ https://example.org/torch.whl", "torch"],
    ["https://example.org/torch.whl", "https://example.org/torch.whl"],
    ["git+https://example.org/x.git", "git+https://example.org/x.git"],
  ] as const) {
    expect(packageName(text)).toBe(name);
  }
});

it("says when only the order of the steps is another, and of channels which", () => {
  const one = Image.debian("12").apt("bwa", "samtools");
  expect(texts(one, Image.debian("12").apt("bwa").apt("samtools"))).toEqual(["the same steps in another order"]);
  expect(texts(one.conda("bwa"), one.conda("bwa", { channels: ["defaults"] }))).toEqual([
    "conda channels conda-forge, bioconda → defaults",
  ]);
});

it("finds no difference between a definition and itself, and every package that was added", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9+.-]{0,9}[a-z0-9]$/);
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 8 }), (names) => {
      const all = Image.debian("12").apt(...names);
      expect(compareDefinitions(all.settled(), all.settled())).toEqual([]);
      const few = Image.debian("12").apt(...names.slice(1));
      expect(compareDefinitions(few.settled(), all.settled())).toEqual([
        { step: "apt", before: undefined, after: names[0] },
      ]);
    }),
  );
});

it("takes what stands for an image in a key apart", () => {
  const none = { host: false, lock: null, resolved: null };
  expect(readImageKey("")).toBeUndefined();
  expect(readImageKey("ab12")).toEqual({ identity: "ab12", ...none });
  expect(readImageKey("ab12@host")).toEqual({ identity: "ab12", ...none, host: true });
  expect(readImageKey("ab12+cd34")).toEqual({ identity: "ab12", ...none, lock: "cd34" });
  expect(readImageKey(`ab12@${ONE}`)).toEqual({ identity: "ab12", ...none, resolved: ONE });
});

it("tells of installed packages those first that a definition names", () => {
  const image = Image.debian("12").apt("samtools").pip("Biopython");
  const before = factsOf(
    row(image, {
      packages: { apt: { libhts3: "1.16", samtools: "1.16.1-1", zlib1g: "1" }, pip: { biopython: "1.84" } },
    }),
    undefined,
  );
  const after = factsOf(
    row(image, { digest: TWO, packages: { apt: { libhts3: "1.17", samtools: "1.17-1" }, pip: { biopython: "1.85" } } }),
    readImageKey(`${image.identity}+cd34`),
  );
  const change = compareEnvironments(before, after);
  expect(change.packages.map(packageText)).toEqual([
    "samtools 1.16.1-1 → 1.17-1",
    "biopython 1.84 → 1.85",
    "libhts3 1.16 → 1.17",
    "zlib1g 1 removed",
  ]);
  expect(changeTexts(change)).toEqual(["ligase.images.lock added"]);
  expect(namedPackages(after)).toEqual([
    { manager: "apt", name: "samtools", version: "1.17-1" },
    { manager: "pip", name: "Biopython", version: "1.85" },
  ]);
});

it("tells of a tag that it means another image now", () => {
  const image = Image.from("quay.io/biocontainers/bwa:0.7.17");
  const at = (digest: string, reference: string) =>
    factsOf(row(image, { digest, reference: `quay.io/biocontainers/bwa:0.7.17@${reference}` }), undefined);
  expect(changeTexts(compareEnvironments(at(ONE, ONE), at(TWO, TWO)))).toEqual([
    "quay.io/biocontainers/bwa:0.7.17 sha256:111111111111 → sha256:222222222222",
  ]);
});

it("reads no definition that it does not know, and no more than is recorded", async () => {
  expect(layersOf('{"layers":[{"flatpak":["x"]}]}')).toEqual([]);
  expect(layersOf("no JSON")).toEqual([]);
  const { store } = await emptyRecord();
  await store.commit({
    runs: [rows.run()],
    jobs: [rows.job({ state: "done" })],
    attempts: [rows.attempt({ image: ONE })],
  });
  const facts = await environmentOfJob(store, rows.job({ state: "done" }));
  expect(facts).toMatchObject({ digest: ONE, engine: "", layers: [], packages: {} });
  expect(await environmentOfJob(store, "nothing")).toBeUndefined();
});

it("finds the environments of a run: of what ran, of what it found, and of the tools of the machine", async () => {
  const { store } = await emptyRecord();
  const [tools, other] = [Image.debian("12").apt("bwa"), Image.debian("12").apt("samtools")];
  const job = (id: string, change: Parameters<typeof rows.job>[0]) =>
    rows.job({ id: `job000000000${id}`, state: "done", call: `call${id}`, createdAt: rows.T0 + Number(id), ...change });
  const call = (id: string, image: string, made: string) =>
    rows.call({ key: `call${id}`, image, job: `job000000000${made}` });
  await store.commit({
    runs: [rows.run(), rows.run({ id: "run0000000000" })],
    jobs: [
      job("1", { task: "align" }),
      job("2", { task: "script", parent: "job0000000001" }),
      job("3", { task: "sort", state: "cached" }),
      job("4", { task: "count" }),
      job("9", { run: "run0000000000", task: "sort" }),
    ],
    calls: [
      call("1", tools.identity, "1"),
      call("2", tools.identity, "2"),
      call("3", other.identity, "9"),
      call("4", `${tools.identity}@host`, "4"),
    ],
    attempts: [
      rows.attempt({ job: "job0000000002", image: ONE }),
      rows.attempt({ job: "job0000000009", image: TWO }),
      rows.attempt({ job: "job0000000004" }),
    ],
    images: [
      row(tools),
      row(other, { digest: TWO, packages: { apt: { samtools: "1.16.1-1" } } }),
      row(other, { digest: `sha256:${"3".repeat(64)}`, createdAt: rows.T0 + 9 }),
    ],
  });
  const used = await environmentsOfRun(store, "run0000000001");
  expect(used.map(({ facts, tasks }) => [environmentText(facts), tasks])).toEqual([
    ["debian 12, apt bwa (sandbox, 111111111111)", ["align"]],
    ["debian 12, apt samtools (sandbox, 222222222222)", ["sort"]],
    ["debian 12, apt bwa (host: the tools of the machine)", ["count"]],
  ]);
});
