import { parentPort, workerData } from "node:worker_threads";
import { takeDigest } from "./digest.ts";

/** What the thread is told. */
interface Request {
  readonly root: string;
  readonly manifest: string;
  readonly parent: { readonly root: string; readonly manifest: string } | null;
}

const { root, manifest, parent }: Request = workerData;
parentPort?.postMessage(takeDigest(root, manifest, parent));
