import { connect, type Socket } from "node:net";

/** What the server answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Seconds that it asks to wait; null where it says nothing. */
  readonly retryAfter: number | null;
}

/** The server is not there any more: nobody wants what this worker does. */
export class ServerGone extends Error {
  override readonly name = "ServerGone";
}

/** A connection that was kept turned out to be closed: nothing was answered on it. */
class Stale extends Error {}

const HEAD_END = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);

/**
 * HTTP/1.1 over the server's Unix socket: one request at a time on each connection, which is then kept for the next. Over
 * `node:http` with a keep-alive agent a request costs 45 to 60 µs of this process's time, so 13 to 17: with an empty
 * handler, that is most of what a worker does.
 */
export class Client {
  readonly #path: string;
  readonly #token: string;
  readonly #idle: Connection[] = [];

  constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /**
   * Asks, and waits for the answer as long as it takes.
   *
   * @param body - JSON
   * @param signal - hangs up
   * @throws ServerGone when nobody listens; what the signal says
   */
  async request(method: "GET" | "POST", path: string, body?: string, signal?: AbortSignal): Promise<Answer> {
    const length =
      body === undefined ? "" : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    const text = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${this.#token}\r\n${length}\r\n${body ?? ""}`;
    for (;;) {
      const connection = this.#idle.pop() ?? new Connection(this.#path);
      try {
        const answer = await connection.ask(text, signal);
        if (connection.isOpen) this.#idle.push(connection);
        return answer;
      } catch (error) {
        // The server ends what nobody used for a while; the next connection is a new one, or there is no server.
        if (!(error instanceof Stale)) throw error;
      }
    }
  }
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

class Connection {
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  /** Was something answered on it, so that a server was there? */
  #used = false;
  #keep = true;
  /** What came of an answer that is not whole. */
  #came: Buffer = NOTHING;
  #pieces: Buffer[] = [];
  #missing = 0;
  #head: Head | undefined;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket
      .on("data", (chunk) => this.#read(chunk))
      .on("error", (error) => this.#end(error))
      .on("close", () => this.#end(new Error("the server closed the connection")));
  }

  get isOpen(): boolean {
    return this.#keep && !this.#socket.destroyed;
  }

  ask(text: string, signal: AbortSignal | undefined): Promise<Answer> {
    signal?.throwIfAborted();
    return new Promise<Answer>((resolve, reject) => {
      const hangUp = (): void => {
        this.#finish()?.reject(signal?.reason);
        this.#socket.destroy();
      };
      signal?.addEventListener("abort", hangUp, { once: true });
      this.#waiting = {
        resolve: (answer) => {
          signal?.removeEventListener("abort", hangUp);
          resolve(answer);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", hangUp);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      this.#socket.write(text);
    });
  }

  #finish(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #end(error: Error): void {
    this.#keep = false;
    const isFresh = this.#head === undefined && this.#came.length === 0;
    const gone = this.#used && isFresh ? new Stale() : new ServerGone(error.message);
    this.#finish()?.reject(gone);
  }

  #read(chunk: Buffer): void {
    let rest: Buffer = chunk;
    if (this.#head === undefined) {
      rest = this.#came.length === 0 ? chunk : Buffer.concat([this.#came, chunk]);
      const end = rest.indexOf(HEAD_END);
      if (end < 0) {
        this.#came = rest;
        return;
      }
      this.#head = readHead(rest.toString("latin1", 0, end + 2));
      this.#came = NOTHING;
      this.#missing = this.#head.length;
      rest = rest.subarray(end + 4);
    }
    if (this.#head.chunked) this.#readChunks(rest);
    else {
      this.#missing -= rest.length;
      if (this.#missing <= 0 && this.#pieces.length === 0) return this.#answer(rest);
      this.#pieces.push(rest);
      if (this.#missing <= 0) this.#answer(Buffer.concat(this.#pieces));
    }
  }

  /** Pieces, each after its length; the one of length 0 is the end. */
  #readChunks(more: Buffer): void {
    let rest = this.#came.length === 0 ? more : Buffer.concat([this.#came, more]);
    for (;;) {
      const line = rest.indexOf("\r\n");
      if (line < 0) break;
      const length = Number.parseInt(rest.toString("latin1", 0, line), 16);
      // Behind the piece, and behind the last one too, stands an empty line.
      if (rest.length < line + 2 + length + 2) break;
      if (length === 0) return this.#answer(Buffer.concat(this.#pieces));
      this.#pieces.push(rest.subarray(line + 2, line + 2 + length));
      rest = rest.subarray(line + 2 + length + 2);
    }
    this.#came = rest;
  }

  #answer(body: Buffer): void {
    const { status = 0, retryAfter = null, keep = false } = this.#head ?? {};
    this.#head = undefined;
    this.#came = NOTHING;
    this.#pieces = [];
    this.#used = true;
    if (!keep) {
      this.#keep = false;
      this.#socket.end();
    }
    this.#finish()?.resolve({ status, body: body.toString("utf8"), retryAfter });
  }
}

interface Head {
  readonly status: number;
  readonly length: number;
  readonly chunked: boolean;
  readonly keep: boolean;
  readonly retryAfter: number | null;
}

function readHead(head: string): Head {
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  const retryAfter = /\r\nretry-after: *(\d+)\r\n/i.exec(head)?.[1];
  return {
    status: Number(head.slice(9, 12)),
    length: Number(length ?? 0),
    chunked: length === undefined && /\r\ntransfer-encoding: *chunked\r\n/i.test(head),
    keep: !/\r\nconnection: *close\r\n/i.test(head),
    retryAfter: retryAfter === undefined ? null : Number(retryAfter),
  };
}
