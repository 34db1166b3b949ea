import { hash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { LigaseError, VERSION } from "../../kernel/index.ts";
import type { RunRows } from "../run-rows.ts";
import type { Sink } from "../sink.ts";
import { TarWriter } from "../tar.ts";
import { lockOf, Locks } from "./lock.ts";
import { filesOfPackage, findPackage, packagesWithAll, readPackage, type PackageJson } from "./packages.ts";
import type { Source } from "./sources.ts";

/** The checkout or the installed package that runs this. */
const LIGASE = resolve(import.meta.dirname, "../../..");

/**
 * Puts Ligase and the packages of a program into a bundle, as they are installed here, and the packed Ligase for `npm ci`.
 *
 * @returns `package.json` and `package-lock.json`
 * @throws LigaseError `LIGASE_E_NOT_BUILT` for a checkout of Ligase whose sources were changed since it was built
 */
export async function addPackages(root: string, rows: RunRows, sink: Sink): Promise<readonly Source[]> {
  checkBuilt();
  const names = (rows.program?.packages ?? []).map((each) => each.name).filter((name) => name !== "ligase");
  const own = readPackage(root) ?? {};
  const folders = names.map((name) => [name, findPackage(name, root)] as const);
  const packages = packagesWithAll([LIGASE, ...folders.flatMap(([, folder]) => folder ?? [])]);
  const shipped = readPackage(LIGASE)?.["files"];
  const parts = Array.isArray(shipped) ? ["package.json", "LICENSE", "README.md", ...shipped.map(String)] : undefined;
  for (const { location, from } of packages) {
    for (const path of filesOfPackage(from, from === LIGASE ? parts : undefined)) {
      await sink.file(`workflow/${location}/${path}`, join(from, path));
    }
  }
  await sink.text(
    "workflow/node_modules/.bundled",
    "as they were installed where the bundle was made; npm ci replaces them\n",
  );

  const packed = await pack(parts ?? []);
  const path = `vendor/ligase-${VERSION}.tgz`;
  await sink.text(`workflow/${path}`, packed);
  const json: PackageJson = {
    ...own,
    name: own.name ?? "workflow",
    version: own.version ?? "0.0.0",
    private: true,
    dependencies: {
      ligase: `file:${path}`,
      ...Object.fromEntries(folders.map(([name, folder]) => [name, readPackage(folder ?? "")?.version ?? "*"])),
    },
    devDependencies: undefined,
    scripts: { verify: "node ../verify.mjs" },
    engines: { node: ">=24" },
  };
  const integrity = `sha512-${hash("sha512", packed, "base64")}`;
  const lock = lockOf(json, packages, { path, integrity }, new Locks([root, LIGASE, dirname(dirname(LIGASE))]));
  return [
    { path: "package.json", bytes: written(json) },
    { path: "package-lock.json", bytes: written(lock) },
  ];
}

const written = (json: object): Buffer => Buffer.from(`${JSON.stringify(json, undefined, 2)}\n`);

/** Sources that run by themselves are only in a checkout; in packages Node takes none. */
function checkBuilt(): void {
  const stamp = join(LIGASE, "dist", ".built");
  const isSource = import.meta.filename.endsWith(".ts");
  const main = join(LIGASE, "dist", "cli", "main.js");
  if (existsSync(main) && !(isSource && !isNewer(stamp))) return;
  throw new LigaseError("LIGASE_E_NOT_BUILT", "this checkout of Ligase was changed since it was built", {
    facts: { folder: LIGASE },
    mend: `npm run build in ${LIGASE}`,
  });
}

/** Was Ligase built after this very module was written? The launcher looks at all of them. */
function isNewer(stamp: string): boolean {
  const built = statSync(stamp, { throwIfNoEntry: false });
  return built !== undefined && built.mtimeMs > statSync(import.meta.filename).mtimeMs;
}

/** Packs Ligase as `npm pack` does: a tar file with everything below `package/`. */
async function pack(parts: readonly string[]): Promise<Buffer> {
  const tar = new TarWriter(0, { gzip: true });
  const packed = buffer(tar.stream);
  for (const path of filesOfPackage(LIGASE, parts)) {
    const content = readFileSync(join(LIGASE, path));
    const executable = path.startsWith("bin/");
    await tar.add({ path: `package/${path}`, bytes: content.length, executable, content });
  }
  tar.end();
  return packed;
}
