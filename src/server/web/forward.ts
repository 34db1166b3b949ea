import { Agent, type IncomingMessage, request as ask } from "node:http";
import type { WebTarget } from "../../endpoints/pool/types.ts";

/** A request as it goes to a worker. */
export interface Forwarded {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: string[];
  /** What is sent; null for nothing. */
  readonly body: IncomingMessage | null;
}

/** Connections to workers, kept for what comes next. */
export class Connections {
  readonly #agent = new Agent({ keepAlive: true });

  /**
   * Sends a request to a worker; resolves when its answer begins, whose body is then read by whoever asked.
   *
   * @throws what the connection does; the reason of the signal, which ends the answer's body too
   */
  async send(request: Forwarded, at: WebTarget["at"], signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await this.#send(request, at, signal, request.body === null);
    } catch (error) {
      // Closed by the app while nobody used it. What has a body went over a new one, and is not sent twice.
      if (!(error instanceof Reused)) throw error;
      return this.#send(request, at, signal, false);
    }
  }

  #send({ method, path, headers, body }: Forwarded, at: WebTarget["at"], signal: AbortSignal, reuse: boolean) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const agent = reuse ? this.#agent : false;
      const sent = ask({ ...at, method, path, headers, agent, signal, setHost: false }, resolve);
      sent.on("error", (error) => {
        body?.unpipe(sent);
        reject(
          sent.reusedSocket && !signal.aborted ? new Reused("the connection was closed", { cause: error }) : error,
        );
      });
      if (body === null) return void sent.end();
      body.pipe(sent);
      // Who sent it is gone in the midst of it: the app must not take what came for the whole.
      body.once("close", () => {
        if (!body.complete) sent.destroy();
      });
    });
  }
}

class Reused extends Error {}
