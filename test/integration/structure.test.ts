/**
 * The couplings of the structure example against NumPy, and what of it is Python: the client, the download of AlphaFold's
 * weights.
 */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Alignment, readAlignment } from "../../examples/structure/alignment/read.ts";
import { correct } from "../../examples/structure/coupling/contacts.ts";
import { couplingScores } from "../../examples/structure/coupling/meanfield.ts";
import { sequenceWeights } from "../../examples/structure/coupling/weights.ts";
import { describeWith } from "../support/needs.ts";
import { launchTests } from "../unit/structure/launching.ts";
import { simulate } from "../unit/structure/potts.ts";

const example = join(import.meta.dirname, "..", "..", "examples", "structure");
const rowsOf = ({ columns, states, names }: Alignment) =>
  names.map((_, m) =>
    Array.from(states.subarray(m * columns, (m + 1) * columns), (state) => "ACDEFGHIKLMNPQRSTVWY-"[state]).join(""),
  );
/** The first columns of an alignment, as FASTA. */
const part = (text: string, columns: number) =>
  rowsOf(readAlignment(text))
    .map((row, m) => `>s${m}\n${row.slice(0, columns)}\n`)
    .join("");

/** Debian's Python is the one that has Debian's NumPy, whatever else is on the path. */
const PYTHON = ["/usr/bin/python3", "python3"].find((python) => spawnSync(python, ["-c", "import numpy"]).status === 0);

describeWith({ programs: ["python3"], also: { "python3-numpy": PYTHON !== undefined } })("couplings", () => {
  const simulated = simulate({ sequences: 150, columns: 12, planted: [{ i: 2, j: 9 }], strength: 2, seed: 1 });
  it.each([
    ["a part of the fn3 domain", part(readFileSync(join(example, "data", "fn3.sto"), "utf8"), 45)],
    [
      "sequences that are sampled unevenly",
      simulated +
        simulated
          .split(">")
          .slice(1, 30)
          .map((row) => `>x${row}`)
          .join(""),
    ],
  ])("of %s are those of NumPy", async (_, text) => {
    const alignment = readAlignment(text);
    const { columns } = alignment;
    const rows = rowsOf(alignment);
    const oracle = execFileSync(PYTHON!, [join(import.meta.dirname, "structure-oracle.py")], {
      input: rows.join("\n"),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const expected: Record<"weights", number[]> & Record<"norms" | "corrected", number[][]> = JSON.parse(oracle);
    const weights = await sequenceWeights(alignment);
    expect([...weights]).toEqual(expected.weights);
    for (const by of ["columns", "sequences"] as const) {
      const norms = await couplingScores(alignment, weights, { by });
      const corrected = correct(norms, columns);
      let off = 0;
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          off = Math.max(
            off,
            Math.abs(norms[i * columns + j]! - expected.norms[i]![j]!),
            Math.abs(corrected[i * columns + j]! - expected.corrected[i]![j]!),
          );
        }
      }
      expect(Math.max(...norms)).toBeGreaterThan(1);
      expect(off).toBeLessThan(1e-9);
    }
  });
});

describeWith({ programs: ["python3", "tar"] })("the weights of AlphaFold", () => {
  let folder: string;
  let server: Server;
  let url: string;
  /** What was asked for: the `Range` of every request. */
  let asked: (string | undefined)[];
  let archive: Buffer;
  let broken: boolean;
  let checksum: string | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "ligase-weights-"));
    // Enough that a break falls into the middle.
    writeFileSync(join(folder, "params_model_1_ptm.npz"), Buffer.alloc(3_000_000, "weights"));
    execFileSync("tar", ["-cf", "params.tar", "params_model_1_ptm.npz"], { cwd: folder });
    archive = readFileSync(join(folder, "params.tar"));
    checksum = createHash("md5").update(archive).digest("base64");
    asked = [];
    broken = false;
    server = createServer((request, response) => {
      asked.push(request.headers.range);
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const body = archive.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        ETag: '"one"',
        "Content-Length": body.length,
        ...(checksum === undefined ? {} : { "x-goog-hash": `crc32c=AAAAAA==, md5=${checksum}` }),
      });
      if (!broken) return void response.end(body);
      broken = false;
      response.write(body.subarray(0, 1_000_000), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}/params.tar` : "";
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const fetchWeights = (sha256 = "None") =>
    promisify(execFile)(
      "python3",
      [
        "-c",
        "import sys; from pathlib import Path; from weights import fetch_weights; " +
          `fetch_weights(sys.argv[1], Path(sys.argv[2]), ${sha256})`,
        url,
        join(folder, "volume", "params"),
      ],
      { env: { ...process.env, PYTHONPATH: example, PYTHONDONTWRITEBYTECODE: "1" } },
    );
  const whole = () => statSync(join(folder, "volume", "params", "params_model_1_ptm.npz")).size === 3_000_000;

  it("are fetched once, however many workers ask at once", async () => {
    await Promise.all([fetchWeights(), fetchWeights(), fetchWeights()]);
    expect(asked).toEqual([undefined]);
    expect(whole()).toBe(true);
    expect(existsSync(join(folder, "volume", "params.tar.part"))).toBe(false);
  });

  it("go on from where they broke off", async () => {
    broken = true;
    await expect(fetchWeights()).rejects.toThrow(/IncompleteRead|broke off|ConnectionReset/);
    expect(existsSync(join(folder, "volume", "params"))).toBe(false);
    await fetchWeights();
    expect(asked[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(whole()).toBe(true);
  });

  describe("that are not what they should be", () => {
    it("are thrown away", async () => {
      checksum = createHash("md5").update("another").digest("base64");
      await expect(fetchWeights()).rejects.toThrow(
        /ChecksumError: .* md5 is \w+ where \w+ was expected; it was thrown away/,
      );
      expect(existsSync(join(folder, "volume", "params"))).toBe(false);
      checksum = createHash("md5").update(archive).digest("base64");
      await fetchWeights();
      expect(whole()).toBe(true);
    });

    it("are not taken without a checksum, unless it is given", async () => {
      checksum = undefined;
      await expect(fetchWeights()).rejects.toThrow(/states no checksum; give its SHA-256/);
      await expect(fetchWeights(`"${"0".repeat(64)}"`)).rejects.toThrow(/sha256 is \w+ where 0+ was expected/);
      await fetchWeights(`"${createHash("sha256").update(archive).digest("hex")}"`);
      expect(whole()).toBe(true);
    });
  });
});

describeWith({ programs: ["python3"] })("launch.py", () => {
  launchTests("python3", join(example, "launch.py"));
});
