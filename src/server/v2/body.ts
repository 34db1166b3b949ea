import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "hono";
import { formatBytes } from "../../kernel/index.ts";
import type { Known } from "../auth/index.ts";
import { JsonProblem, JsonScanner, type JsonObject, placeOf } from "./json-object.ts";
import { Refusal } from "./refusal.ts";

/** What Node gives beside the request, where one came over a socket. */
interface Sockets {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/** What routes of `/v2` find in their context. */
export interface Asked extends Known {
  readonly Bindings: Sockets;
}

/** Who sent the body went in the midst of it: nobody hears of this. */
export class Interrupted extends Refusal {
  constructor() {
    super(400, "the body ended too early");
  }
}

/** Room that is taken ahead for a body that says how long it is: more is taken as it comes. */
const AHEAD = 1024 * 1024;

/** How a body is read. */
export interface ReadOptions {
  /** How deeply it may be nested. */
  readonly maxDepth?: number;
  /** Take room for all of it ahead: for one that is large, and there are not many of them. */
  readonly whole?: boolean;
}

/** How long a body says that it is, in bytes; 0 when it does not. */
export function announcedSize(c: Context<Asked>): number {
  const size = Number(c.req.header("content-length"));
  return size > 0 ? size : 0;
}

/**
 * Reads a body as an object of JSON, whatever its media type says: RunPod's workers say that it is a form.
 *
 * @param limit - bytes
 * @throws Refusal 400 that says where it is not JSON; 413 when it is too large
 */
export async function readObject(c: Context<Asked>, limit: number, options: ReadOptions = {}): Promise<JsonObject> {
  const scanner = new JsonScanner(options.maxDepth);
  const announced = announcedSize(c);
  const body = new Body(limit, announced, options.whole ? announced : Math.min(announced, AHEAD));
  let problem: JsonProblem | undefined;
  await eachPiece(c, (piece) => {
    body.add(piece);
    if (problem) return;
    try {
      scanner.feed(piece);
    } catch (error) {
      // The rest is read all the same: who is still sending does not hear what it is told.
      if (!(error instanceof JsonProblem)) throw error;
      problem = error;
    }
  });
  const whole = body.whole();
  try {
    if (problem) throw problem;
    const object = scanner.end(whole);
    if (isUtf8(whole)) return object;
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    throw new Refusal(400, `the body is not JSON: ${error.message} (${placeOf(whole, error.offset)})`);
  }
  throw new Refusal(400, "the body is not JSON: it is not UTF-8");
}

/** Reads a body that nobody looks at. */
export async function skipBody(c: Context<Asked>, limit: number): Promise<void> {
  const body = new Body(limit, announcedSize(c), 0);
  await eachPiece(c, (piece) => body.add(piece));
}

/** What waiting ends with: made once, for a stack of each would cost 20 µs a request. */
const HUNG_UP = new Error("who asked has hung up");

/** Ends when who asked has gone without an answer. */
export function hangUp(c: Context<Asked>): AbortSignal {
  const { outgoing } = c.env;
  if (!outgoing) return c.req.raw.signal;
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort(HUNG_UP);
  });
  // It may have gone before anybody listened.
  if (outgoing.destroyed && !outgoing.writableFinished) gone.abort(HUNG_UP);
  return gone.signal;
}

/** The bytes of a body, in one piece. */
class Body {
  readonly #limit: number;
  #bytes: Buffer;
  #length = 0;

  constructor(limit: number, announced: number, ahead: number) {
    this.#limit = limit;
    if (announced > limit) throw this.#tooLarge();
    this.#bytes = Buffer.allocUnsafe(ahead);
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#limit) throw this.#tooLarge();
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(length, this.#bytes.length * 2)));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  whole(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #tooLarge(): Refusal {
    return new Refusal(413, `the body is over the limit of ${formatBytes(this.#limit)}`, { Connection: "close" });
  }
}

/** Reads from the socket itself: a stream of the web between costs 40 µs a request. */
async function eachPiece(c: Context<Asked>, take: (piece: Uint8Array) => void): Promise<void> {
  const { incoming } = c.env;
  if (!incoming) {
    // An app that is asked without a server.
    take(new Uint8Array(await c.req.arrayBuffer()));
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const finish = (error?: unknown): void => {
      incoming.off("data", onData).off("end", finish).off("error", finish).off("close", onClose);
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error("the body did not come"));
    };
    const onClose = (): void => finish(new Interrupted());
    const onData = (piece: Buffer): void => {
      try {
        take(piece);
      } catch (error) {
        finish(error);
      }
    };
    incoming
      .on("data", onData)
      .on("end", finish)
      .on("error", () => finish(new Interrupted()))
      .on("close", onClose);
  });
}
