import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenOptions, openStore } from "../../../src/store/index.ts";
import { type StoreKind, storeContract } from "./contract.ts";

function onDisk(options: OpenOptions): StoreKind {
  return {
    async create() {
      const dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
      return { open: () => openStore(dir, options), dispose: () => rm(dir, { recursive: true, force: true }) };
    },
  };
}

storeContract("sqlite, writing inline", onDisk({ writer: "inline" }));
storeContract("sqlite, writing on a thread", onDisk({ writer: "thread" }));
storeContract("sqlite, as it is by default", onDisk({}));
storeContract("sqlite, every value in a file", {
  ...onDisk({ writer: "inline", inlineChars: 0 }),
  textsApart: true,
});
