import { createHash } from "node:crypto";
import { createReadStream, writeFileSync } from "node:fs";
import { arch } from "node:process";
import { pipeline } from "node:stream/promises";
import { join } from "node:path";

/** What an image says of itself. */
export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly labels: Readonly<Record<string, string>>;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64" };
const EPOCH = "1970-01-01T00:00:00Z";
const LAYER = "layer.tar";

/**
 * Writes an image as `docker save` would, for `load` of either engine: unlike the flags of `import`, its configuration
 * holds any text as it is, and the same content gives the same image id in both.
 *
 * @param folder - holds `layer.tar`, the root file system; the other parts are written there
 * @param tag - the name it gets: `localhost/ligase:…`
 * @returns the parts of the archive, in their order
 */
export async function dockerArchive(folder: string, tag: string, config: ImageConfig): Promise<readonly string[]> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(join(folder, LAYER)), hash);
  const { env, workdir, labels } = config;
  const text = JSON.stringify({
    architecture: ARCHITECTURES[arch] ?? arch,
    os: "linux",
    created: EPOCH,
    config: {
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: workdir,
      Labels: labels,
      Cmd: ["/bin/sh"],
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${hash.digest("hex")}`] },
    history: [{ created: EPOCH, created_by: "ligase" }],
  });
  const name = `${createHash("sha256").update(text).digest("hex")}.json`;
  writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "manifest.json"), JSON.stringify([{ Config: name, RepoTags: [tag], Layers: [LAYER] }]));
  return ["manifest.json", name, LAYER];
}
