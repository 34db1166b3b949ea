import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { buildRootfs } from "../../../src/images/build/index.ts";
import { Image } from "../../../src/images/image.ts";

/**
 * Puts a plain Debian 12 into a folder of environments, as a copy of one that all suites share: it is downloaded once.
 *
 * @param imagesDir - a test's own, which it may damage
 */
export async function seedDebian(imagesDir: string): Promise<void> {
  const shared = process.env["LIGASE_IMAGES"];
  if (shared === undefined) return;
  const { record } = await buildRootfs({ imagesDir: shared }, Image.debian("12"));
  const to = join(imagesDir, "roots", record.key);
  if (existsSync(to)) return;
  mkdirSync(join(imagesDir, "roots"), { recursive: true });
  // Not Node's own: that loses the modes of folders.
  const { status } = spawnSync("cp", ["-a", join(shared, "roots", record.key), `${to}.part`]);
  if (status !== 0) throw new Error("the Debian that all suites share could not be copied");
  renameSync(`${to}.part`, to);
}
