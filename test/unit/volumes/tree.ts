import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { LocalVolume } from "../../../src/volumes/local/local-volume.ts";

/** A fresh folder, which goes with the test. */
export function freshFolder(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-volumes-")));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** An empty volume called `seq` in a folder of volumes, with nothing else in it. */
export function freshVolume(dir = freshFolder()): LocalVolume {
  mkdirSync(join(dir, "volumes/seq"), { recursive: true });
  return new LocalVolume("seq", join(dir, "volumes/seq"));
}

/** Everything in a folder: what files hold, where links lead. */
export function snapshot(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) found[name] = `→ ${readlinkSync(path)}`;
    else if (stats.isDirectory()) {
      found[name] = "/";
      for (const [inner, what] of Object.entries(snapshot(path))) found[`${name}/${inner}`] = what;
    } else found[name] = readFileSync(path, "utf8");
  }
  return found;
}

/** One piece of text as a stream. */
export async function* streamOf(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}
