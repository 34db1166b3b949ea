import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Image } from "../../../src/images/image.ts";
import type { Environment, ImageEngine } from "../../../src/images/types.ts";
import { enclosureOf, enter } from "./drive.ts";

/** What a suite is run over. */
export interface Builder {
  /** A new one each time, as another process would have it. */
  open(): ImageEngine;
  readonly imagesDir: string;
  folder(): string;
  /** The definition that all engines build, and no test removes. */
  readonly image: Image;
}

/** How every engine builds environments, and keeps them. */
export function buildingSuite(subject: () => Builder): void {
  let built: Environment | undefined;

  it("finds what is built, and builds it no second time", async () => {
    const { open, image } = subject();
    const said: string[] = [];
    const first = await open().build(image, { say: (line) => said.push(line) });
    expect(said).toEqual([expect.stringMatching(/^=> Using cached image [0-9a-f]{12} \(debian 12, /)]);
    const engine = open();
    expect(await engine.find(image)).toEqual(first);
    expect(first).toMatchObject({ engine: engine.name, identity: image.identity });
    expect(first.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(first.env).toMatchObject({ GREETING: 'héllo "$HOME" \\ wörld', PATH: expect.stringContaining("/usr/bin") });
    expect(first.packages["apt"]).toMatchObject({ python3: "3.11.2-1+b1" });
  });

  it("builds once for all who ask at the same time", async () => {
    const { open, image } = subject();
    // Two builds of this would differ.
    const other = image.run("date +%s%N > /opt/when; sleep 1");
    const said: string[] = [];
    const [one, two] = await Promise.all(
      [open(), open()].map((engine) => engine.build(other, { say: (line) => said.push(line) })),
    );
    expect(one).toEqual(two);
    expect(said.some((line) => line.startsWith("=> Waiting for"))).toBe(true);
    built = one;
  });

  it("lists what it keeps, and removes it", async () => {
    const { open, image, folder } = subject();
    const [engine, environment] = [open(), built!];
    const listed = (await engine.list()).find((stored) => stored.environment.identity === environment.identity);
    expect(listed?.environment).toEqual(environment);
    expect(listed?.image.identity).toBe(environment.identity);
    expect(listed?.builtAt).toBeGreaterThan(Date.now() - 600_000);
    expect(listed?.usedAt).toBeGreaterThan(Date.now() - 600_000);
    expect(listed?.size).toBeGreaterThan(0);
    const { ended } = enter(engine, environment, enclosureOf({ cwd: folder(), command: ["cat", "/opt/when"] }));
    expect(await ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d{19}\n$/) });
    await engine.remove(environment);
    expect(await open().find(listed!.image)).toBeUndefined();
    expect((await open().list()).map((stored) => stored.environment.identity)).not.toContain(environment.identity);
    expect(await open().find(image)).toBeDefined();
  });

  it("says why a build failed, and leaves nothing of it", async () => {
    const { open, image, imagesDir } = subject();
    const engine = open();
    const bad = image.run("echo all is well", "echo it is not >&2; exit 4");
    const failure = await engine.build(bad).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "LIGASE_E_IMAGE_BUILD", message: expect.stringContaining("it is not") });
    const { log } = (failure as { facts: { log: string } }).facts;
    expect(readFileSync(log, "utf8")).toContain("all is well");
    expect(await engine.find(bad)).toBeUndefined();
    expect((await engine.list()).map(({ environment }) => environment.identity)).not.toContain(bad.identity);
    expect(existsSync(join(imagesDir, "building")) ? readdirSync(join(imagesDir, "building")) : []).toEqual([]);
  });

  it("ends a build when it is told to", async () => {
    const { open, image } = subject();
    const engine = open();
    const long = image.run("sleep 1000");
    const stop = new AbortController();
    const building = engine.build(long, { signal: stop.signal, output: () => {} });
    setTimeout(() => stop.abort(), 2000);
    await expect(building).rejects.toThrow();
    expect(await engine.find(long)).toBeUndefined();
  });
}
