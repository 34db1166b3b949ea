import { parentPort, workerData } from "node:worker_threads";
import { takeDigest } from "./digest.ts";

/** What the thread is told. */
interface Request {
  readonly root: string;
  readonly manifest: string;
  readonly parent: { readonly root: string; readonly manifest: string } | null;
}

function isRequest(data: unknown): data is Request {
  return data !== null && typeof data === "object" && "root" in data && "manifest" in data;
}

const request: unknown = workerData;
if (!isRequest(request)) throw new TypeError("the thread was told nothing");
const { root, manifest, parent } = request;
parentPort?.postMessage(takeDigest(root, manifest, parent));
