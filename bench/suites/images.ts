import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Image } from "../../src/images/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import { isThere } from "../lib/environment.ts";
import { measure } from "../lib/process.ts";
import { type Sample, summarise, takeTurns } from "../lib/rounds.ts";
import type { Suite } from "../lib/suite.ts";

const IMAGE = Image.debian("12").apt("bwa");

/** Folders that environments are built in, and removed with. */
class Builds {
  readonly #dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-bench-")));
  #count = 0;
  #last = "";

  async cold(): Promise<Sample> {
    this.#last = join(this.#dir, String(++this.#count));
    return this.#timed(1, () => createSandboxEngine({ imagesDir: this.#last }).build(IMAGE));
  }

  /** Another definition that begins like the one that is there. */
  oneStep(): Promise<Sample> {
    const image = IMAGE.run(`echo ${this.#count} > /etc/count`);
    return this.#timed(1, () => createSandboxEngine({ imagesDir: this.#last }).build(image));
  }

  cached(n: number): Promise<Sample> {
    return this.#timed(n, () => createSandboxEngine({ imagesDir: this.#last }).build(IMAGE));
  }

  /** The same packages by the tool that makes the root file system, and nothing else. */
  async tool(): Promise<Sample> {
    const target = join(this.#dir, `plain-${++this.#count}`);
    const args = ["-q", "--variant=minbase", "--include=bwa", "bookworm", target];
    return this.#timed(1, () => measure("mmdebstrap", args, { cwd: this.#dir, watch: false }));
  }

  async #timed(n: number, act: () => Promise<unknown>): Promise<Sample> {
    const begun = process.hrtime.bigint();
    for (let i = 0; i < n; i++) await act();
    return { seconds: Number(process.hrtime.bigint() - begun) / 1e9 / n };
  }

  close(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** What it costs that an environment is there. */
export const suite: Suite = {
  name: "images",
  title: "Building an image",
  about:
    '`Image.debian("12").apt("bwa")` for the sandbox: from nothing, packages fetched from Debian; with one step more; and when it is there. Beside it mmdebstrap alone, which makes the same root file system and keeps no record of it.',
  async measure({ rounds, shrink }) {
    if (!isThere("bwrap") || !isThere("mmdebstrap")) return [];
    const n = Math.max(1, Math.round(100 / shrink));
    const builds = new Builds();
    try {
      const samples = await takeTurns(Math.min(rounds, 3), {
        tool: () => builds.tool(),
        cold: () => builds.cold(),
        step: () => builds.oneStep(),
        cached: () => builds.cached(n),
      });
      const floor = { name: "mmdebstrap alone", samples: samples.tool };
      return [
        summarise("mmdebstrap alone", samples.tool),
        summarise("cold", samples.cold, { against: floor }),
        summarise("one step more", samples.step, { against: floor }),
        summarise("cached", samples.cached, { against: floor }),
      ];
    } finally {
      builds.close();
    }
  },
};
