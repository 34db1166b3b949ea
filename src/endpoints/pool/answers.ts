import { get } from "node:http";
import { connect } from "node:net";
import type { WebAddress } from "./launch.ts";

const FIRST_MS = 5;
const SLOWEST_MS = 100;
const PATIENCE_MS = 5000;

/**
 * Resolves once a web app answers: its socket or port is open and, where a path is given, that answers with 200. Nobody
 * tells when a port opens, so it is tried, at first often.
 */
export async function answers(address: WebAddress, healthPath: string | null, signal: AbortSignal): Promise<void> {
  for (let wait = FIRST_MS; !signal.aborted; wait = Math.min(wait * 1.5, SLOWEST_MS)) {
    if (await (healthPath === null ? isOpen(address) : isHealthy(address, healthPath))) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function isOpen(address: WebAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = "socketPath" in address ? connect(address.socketPath) : connect(address.port, address.host);
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
    socket.setTimeout(PATIENCE_MS, () => end(false));
  });
}

function isHealthy(address: WebAddress, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ ...address, path, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("timeout", () => request.destroy()).once("error", () => resolve(false));
  });
}
