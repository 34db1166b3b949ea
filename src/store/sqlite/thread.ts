/**
 * The thread that writes. It opens the store for itself, takes everything that has come since it
 * last looked, writes that in one transaction, and answers.
 *
 * @module
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { errorFacts } from "../../kernel/index.ts";
import { CACHE_KIB, Connection } from "./connection.ts";
import { Tables } from "./tables.ts";
import { type Reply, type Request, type ThreadData } from "./thread-writer.ts";
import { ValueTexts } from "./value-texts.ts";
import { performWrites } from "./writes.ts";

/** A transaction takes at most so many requests: others want to write too. */
const MOST_REQUESTS = 32;

const port = parentPort!;
const { location, lockTimeoutMs, textsFolder, inlineChars, foreign } = workerData as ThreadData;
const noticed = new Int32Array(foreign);
const connection = new Connection(location, { lockTimeoutMs, cacheKiB: CACHE_KIB });
const tables = new Tables(connection, new ValueTexts(textsFolder), inlineChars);
let version = connection.dataVersion();

port.on("message", (first: Request | null) => {
  const requests: (Request | null)[] = [first];
  while (requests.length < MOST_REQUESTS) {
    const next: { message: Request | null } | undefined = receiveMessageOnPort(port);
    if (next === undefined) break;
    requests.push(next.message);
  }
  handle(requests.filter((request) => request !== null));
  lookElsewhere();
  if (requests.includes(null)) {
    connection.close();
    port.close();
  }
});

/** Writes requests together; when that fails, each alone, so that one does not spoil the others. */
function handle(all: readonly Request[]): void {
  const requests = all.filter(({ write }) => write !== undefined);
  const writes = requests.flatMap(({ write }) => write ?? []);
  if (writes.length === 0) return;
  try {
    const answers = connection.explained(() => performWrites(tables, writes));
    requests.forEach(({ id }, index) => reply({ id, answer: answers[index] ?? {} }));
  } catch (error) {
    if (requests.length === 1) for (const { id } of requests) reply({ id, error: errorFacts(error) });
    else for (const request of requests) handle([request]);
  }
}

function reply(reply: Reply): void {
  port.postMessage(reply);
}

/** This connection's number changes with the commits of others only. */
function lookElsewhere(): void {
  const now = connection.dataVersion();
  if (now === version) return;
  version = now;
  Atomics.store(noticed, 0, 1);
}
