/** What holds for the launch script of the structure example, in whichever language. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";

interface Request {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: unknown;
}

const MSA = ">q\nMKVLAWGHTR\n>a\nMRVLAWGHTR\n";
const RESULT = { pdb: "END\n", svg: "<svg/>", table: "rank\n", columns: 10, sequences: 2, effectiveSequences: 1.5 };

/** Defines the tests of a launch script. */
export function launchTests(program: string, script: string): void {
  let folder: string;
  let server: Server;
  let endpoint: string;
  let asked: Request[];
  /** What the server answers to each look at the job; the last one again and again. */
  let states: readonly unknown[];
  /** What it answers to everything, where it is not 200. */
  let refusal: { readonly status: number; readonly text: string } | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "ligase-launch-"));
    writeFileSync(join(folder, "msa.fa"), MSA);
    asked = [];
    refusal = undefined;
    let looks = 0;
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (piece) => (text += String(piece)));
      request.on("end", () => {
        const { url: path = "", headers } = request;
        asked.push({ path, key: headers.authorization, body: text === "" ? undefined : JSON.parse(text) });
        if (refusal) return response.writeHead(refusal.status).end(refusal.text);
        if (path.endsWith("/run")) return response.end('{"id":"one","status":"IN_QUEUE"}');
        const state = states[Math.min(looks++, states.length - 1)];
        return response.end(JSON.stringify({ id: "one", ...(state as object) }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/v2/structure`;
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const launch = async (flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
    const words = [script, "--msa", "msa.fa", "--output", "out.pdb", "--endpoint", endpoint, ...flags];
    const child = spawn(program, words, {
      cwd: folder,
      env: { ...process.env, LIGASE_API_KEY: undefined, NODE_NO_WARNINGS: "1", ...env },
      stdio: ["ignore", "inherit", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (piece) => (said += String(piece)));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, lines: said.trimEnd().split("\n") };
  };
  const output = (name: string) => readFileSync(join(folder, name), "utf8");

  test("sends the alignment, shows how far it is, and writes what comes", async () => {
    states = [
      { status: "IN_QUEUE", reason: "starting a worker" },
      { status: "IN_PROGRESS" },
      { status: "IN_PROGRESS", output: { doing: "folding", percent: 70 } },
      { status: "COMPLETED", output: { ...RESULT, warnings: ["few sequences"] } },
    ];
    const { code, lines } = await launch(["--query", "a", "--seed", "3"], { LIGASE_API_KEY: "secret" });
    expect(lines).toEqual([
      "waiting for a worker: starting a worker",
      "starting",
      " 70 % folding",
      "out.pdb: 10 residues, from 2 sequences (1.5 effective)",
      "warning: few sequences",
    ]);
    expect(code).toBe(0);
    expect([output("out.pdb"), output("out.svg"), output("out.tsv")]).toEqual(["END\n", "<svg/>", "rank\n"]);
    expect(asked[0]).toEqual({
      path: "/v2/structure/run",
      key: "Bearer secret",
      body: { input: { msa: MSA, name: "msa.fa", query: "a", seed: 3 } },
    });
    expect(asked.at(-1)).toMatchObject({ path: "/v2/structure/status/one", key: "Bearer secret" });
  });

  test("reads compressed alignments, and finds the token of this machine's server", async () => {
    states = [{ status: "COMPLETED", output: { ...RESULT, warnings: [] } }];
    writeFileSync(join(folder, "msa.fa"), gzipSync(MSA));
    mkdirSync(join(folder, ".ligase"));
    writeFileSync(join(folder, ".ligase", "server.token"), "local\n");
    expect((await launch()).code).toBe(0);
    expect(asked[0]).toMatchObject({ key: "Bearer local", body: { input: { msa: MSA } } });
  });

  test.each([
    [
      "a failed job",
      { status: "FAILED", error: '{"error_message":"msa.fa:1:1: bad"}' },
      "error: failed: msa.fa:1:1: bad",
    ],
    ["a job out of time", { status: "TIMED_OUT", error: "too slow" }, "error: timed_out: too slow"],
    ["a cancelled job", { status: "CANCELLED" }, 'error: cancelled: "no reason was given"'],
  ])("%s is an error in a line", async (_, state, line) => {
    states = [state];
    expect(await launch()).toEqual({ code: 1, lines: [line] });
  });

  test.each([
    ["a wrong key", 401, '{"error":"no such key"}', /^error: http:\S+ answered 401: no such key$/],
    ["a bad input", 400, '{"error":"input.msa is missing"}', /^error: http:\S+ answered 400: input\.msa is missing$/],
    ["no server of ours", 502, "<html>Bad gateway</html>", /^error: http:\S+ answered 502: <html>Bad gateway<\/html>$/],
  ])("%s is an error in a line", async (_, status, text, line) => {
    refusal = { status, text };
    const { code, lines } = await launch();
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(line)] });
  });

  test("a server that is not there, and a file that is not there, too", async () => {
    const { code, lines } = await launch(["--msa", "none.fa"]);
    expect({ code, lines }).toEqual({ code: 1, lines: ["error: cannot read none.fa"] });
    server.close();
    server.closeAllConnections();
    expect((await launch()).lines).toEqual([
      expect.stringMatching(/^error: nobody answers at http:\S+: is the server running\?/),
    ]);
  });
}
