import { createHash } from "node:crypto";
import { chmodSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import type { StepContext } from "./step.ts";

/** The release that is fetched where none is on the path, with what its files hash to. */
const VERSION = "2.9.0-0";
const FILES: Readonly<Record<string, { readonly name: string; readonly sha256: string }>> = {
  x64: { name: "micromamba-linux-64", sha256: "366cd9cd8be14df1ab8ed50352a82111082a36686b2d389fdb79a92c3fafb3e3" },
  arm64: {
    name: "micromamba-linux-aarch64",
    sha256: "9f93b974adcb4d166996af969b6cd371287d1a3e52733704727884d9b74cb7a7",
  },
};
const RELEASES = "https://github.com/mamba-org/micromamba-releases/releases/download";

/**
 * The program that installs conda packages: one file without dependencies. `LIGASE_MICROMAMBA`, or what is on the path, or
 * what was fetched before, or what is fetched now and is what it must be.
 */
export async function findMicromamba(
  context: Pick<StepContext, "tools" | "place" | "log" | "signal">,
): Promise<string> {
  const own = process.env["LIGASE_MICROMAMBA"] ?? context.tools["micromamba"];
  if (own !== undefined) return own;
  const file = FILES[process.arch];
  const mend = "install micromamba, or name one: LIGASE_MICROMAMBA=/path/to/micromamba";
  if (file === undefined) {
    throw new LigaseError(
      "LIGASE_E_IMAGE_ENGINE",
      `.conda(…) needs micromamba, which there is none of for ${process.arch}`,
      {
        mend,
      },
    );
  }
  const path = join(context.place.cache("bin"), `micromamba-${VERSION}`);
  if (existsSync(path)) return path;
  const url = `${RELEASES}/${VERSION}/${file.name}`;
  context.log.note(`fetch ${url}`);
  const bytes = await fetchFile(url, context.signal, mend);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== file.sha256) {
    throw new LigaseError(
      "LIGASE_E_IMAGE_BUILD",
      `what ${url} gave is not what it should be: its SHA-256 is ${sha256}`,
      {
        mend,
        facts: { url, sha256, expected: file.sha256 },
      },
    );
  }
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, bytes);
  chmodSync(temporary, 0o755);
  renameSync(temporary, path);
  return path;
}

async function fetchFile(url: string, signal: AbortSignal | undefined, mend: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: signal ?? null });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new LigaseError(
      "LIGASE_E_IMAGE_BUILD",
      `.conda(…) needs micromamba, which could not be fetched: ${cause instanceof Error ? cause.message : String(cause)}`,
      { mend, facts: { url }, cause: error },
    );
  }
}
