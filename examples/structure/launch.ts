/**
 * Sends an alignment to the service, shows how far it is, and writes the structure.
 *
 *     node launch.ts --msa your.fasta --output your.pdb --endpoint http://127.0.0.1:4747/v2/structure
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";

const USAGE = `usage: node launch.ts --msa FILE --output FILE.pdb --endpoint URL
  --msa FILE        an alignment: FASTA, A2M, A3M or Stockholm, also compressed (.gz)
  --output FILE     where the structure goes; the contact map and table go beside it (.svg, .tsv)
  --endpoint URL    http://127.0.0.1:4747/v2/structure
  --key KEY         default: LIGASE_API_KEY, or the token of the server of this machine
  --query NAME      whose structure; default: the first sequence
  --backend NAME    dca (default) or alphafold
  --seed NUMBER     default: 1`;

/** What the service answers about a job. */
interface Status {
  readonly id: string;
  readonly status: "IN_QUEUE" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED" | "TIMED_OUT";
  readonly output?: unknown;
  readonly error?: unknown;
  /** Why it still waits. */
  readonly reason?: string;
}

interface Result {
  readonly pdb: string;
  readonly svg?: string;
  readonly table?: string;
  readonly sequences: number;
  readonly effectiveSequences?: number;
  readonly columns: number;
  readonly warnings: readonly string[];
}

/** What the progress line says. */
let shown = "";

try {
  await main();
} catch (error) {
  // A client's error is a line, not a stack.
  say(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      msa: { type: "string" },
      output: { type: "string" },
      endpoint: { type: "string" },
      key: { type: "string" },
      query: { type: "string" },
      backend: { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const { msa, output, endpoint } = values;
  if (values.help || msa === undefined || output === undefined || endpoint === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const call = caller(
    endpoint.replace(/\/+$/, ""),
    values.key ?? process.env["LIGASE_API_KEY"] ?? localToken(endpoint),
  );
  const input = {
    msa: readText(msa),
    name: basename(msa),
    ...(values.query === undefined ? {} : { query: values.query }),
    ...(values.backend === undefined ? {} : { backend: values.backend }),
    ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
  };
  const { id } = await call("POST", "/run", { input });
  process.once("SIGINT", () => {
    void call("POST", `/cancel/${id}`).finally(() => process.exit(130));
  });

  let status = await call("GET", `/status/${id}`);
  while (status.status === "IN_QUEUE" || status.status === "IN_PROGRESS") {
    show(status);
    await new Promise((resume) => setTimeout(resume, 300));
    status = await call("GET", `/status/${id}`);
  }
  if (status.status !== "COMPLETED") throw new Error(`${status.status.toLowerCase()}: ${reasonOf(status.error)}`);

  const result = status.output as Result;
  writeFileSync(output, result.pdb);
  const beside = output.replace(/\.pdb$/i, "");
  if (result.svg !== undefined) writeFileSync(`${beside}.svg`, result.svg);
  if (result.table !== undefined) writeFileSync(`${beside}.tsv`, result.table);
  const depth = result.effectiveSequences === undefined ? "" : ` (${result.effectiveSequences} effective)`;
  say(`${output}: ${result.columns} residues, from ${result.sequences} sequences${depth}\n`);
  for (const warning of result.warnings) say(`warning: ${warning}\n`);
}

/** Asks the endpoint. Every answer that is no success is an error with its reason. */
function caller(endpoint: string, key: string | undefined) {
  return async (method: "GET" | "POST", path: string, body?: unknown): Promise<Status> => {
    const headers = new Headers({ "Content-Type": "application/json" });
    if (key !== undefined) headers.set("Authorization", `Bearer ${key}`);
    const request: RequestInit = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(endpoint + path, request).catch((error: unknown) => {
      throw new Error(`nobody answers at ${endpoint}: is the server running? (ligase serve)`, { cause: error });
    });
    const text = await response.text();
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw new Error(`${endpoint} answered ${response.status}: ${text.slice(0, 200).trim()}`);
    }
    if (!response.ok) {
      throw new Error(`${endpoint} answered ${response.status}: ${reasonOf((answer as { error?: unknown }).error)}`);
    }
    return answer as Status;
  };
}

/** The text of an alignment, compressed or not. */
function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new Error(`cannot read ${path}`);
  }
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** A server of this machine lets its own user in by a file in its store, in this folder or one above. */
function localToken(endpoint: string): string | undefined {
  if (!/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(endpoint)) return undefined;
  for (let folder = resolve("."); ; folder = dirname(folder)) {
    const file = join(folder, ".ligase", "server.token");
    if (existsSync(file)) return readFileSync(file, "utf8").trim();
    if (folder === dirname(folder)) return undefined;
  }
}

/** Errors of handlers are text, or JSON with a message in it. */
function reasonOf(error: unknown): string {
  if (typeof error !== "string") return JSON.stringify(error ?? "no reason was given");
  try {
    const { error_message: message } = JSON.parse(error) as { error_message?: unknown };
    return typeof message === "string" ? message : error;
  } catch {
    return error;
  }
}

/** One line that changes in a terminal; a new one for every step elsewhere. */
function show({ status, output, reason }: Status): void {
  const { doing, percent } = (output ?? {}) as { doing?: string; percent?: number };
  const words =
    status === "IN_QUEUE" ? `waiting for a worker${reason === undefined ? "" : `: ${reason}`}` : (doing ?? "starting");
  const line = percent === undefined ? words : `${String(percent).padStart(3)} % ${words}`;
  if (line === shown) return;
  shown = line;
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001B[K`);
  else process.stderr.write(`${line}\n`);
}

/** Says something on a line of its own. */
function say(line: string): void {
  if (process.stderr.isTTY && shown !== "") process.stderr.write("\r\u001B[K");
  process.stderr.write(line);
}
