import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenOptions, openStore } from "../../../src/store/index.ts";
import { collectingContract } from "./collecting.ts";
import { type StoreKind, storeContract } from "./contract.ts";
import { servingContract } from "./serving.ts";

function onDisk(options: OpenOptions): StoreKind {
  return {
    async create() {
      const dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
      return { open: () => openStore(dir, options), dispose: () => rm(dir, { recursive: true, force: true }) };
    },
  };
}

const KINDS: Readonly<Record<string, StoreKind>> = {
  "sqlite, writing inline": onDisk({ writer: "inline" }),
  "sqlite, writing on a thread": onDisk({ writer: "thread" }),
  "sqlite, as it is by default": onDisk({}),
  "sqlite, every value in a file": { ...onDisk({ writer: "inline", inlineChars: 0 }), textsApart: true },
};

for (const [name, kind] of Object.entries(KINDS)) {
  storeContract(name, kind);
  collectingContract(name, kind);
  servingContract(name, kind);
}
