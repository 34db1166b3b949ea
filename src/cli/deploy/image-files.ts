import { lstatSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type PackedFile, packFile } from "../../code/pack/index.ts";
import type { EndpointManifest } from "../../endpoints/types.ts";
import { formatBytes } from "../../kernel/index.ts";

/** In the code: files that images are built from. */
const IMAGE_DIR = ".ligase/image";
/** More is not sent: an archive of an image may be larger than all else. */
const MOST = 100 * 1024 * 1024;
/** Folders that are no part of what an image takes. */
const NEVER = new Set([".git", ".ligase"]);

/** Images whose local files go with the code, and these files. */
export interface ImagesWithFiles {
  readonly endpoints: readonly EndpointManifest[];
  readonly files: readonly PackedFile[];
  readonly warnings: readonly string[];
}

/** What a definition says of a local file or folder. */
interface Content {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Puts the local files that images take (a Dockerfile with its context, `files`, an archive) to the code, so that images can
 * be built where it is deployed. Paths in the definitions are then relative to the code; they are no part of identities.
 */
export function withImageFiles(endpoints: readonly EndpointManifest[]): ImagesWithFiles {
  const files = new Map<string, PackedFile>();
  const warnings = new Set<string>();
  const moved = (content: Content): Content => {
    const at = `${IMAGE_DIR}/${content.sha256.slice(0, 16)}/${basename(content.path)}`;
    const found = filesOf(content.path, at);
    const size = found.reduce((sum, { from }) => sum + statSync(from).size, 0);
    if (size > MOST) {
      warnings.add(
        `${content.path} (${formatBytes(size)}), which an image takes, is too large to go: the server must have it there`,
      );
      return content;
    }
    for (const { from, path } of found) files.set(path, packFile(from, path));
    return { ...content, path: at };
  };
  const placed = endpoints.map((endpoint) => ({ ...endpoint, image: mapContents(endpoint.image, moved) }));
  return { endpoints: placed, files: [...files.values()], warnings: [...warnings] };
}

/** An image's definition with other places for its local files. */
function mapContents(value: unknown, change: (content: Content) => Content): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => mapContents(each, change));
  if (typeof value !== "object" || value === null) return value;
  if (isContent(value)) return change(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapContents(each, change)]));
}

function isContent(value: object): value is Content {
  return "path" in value && "sha256" in value && typeof value.path === "string" && typeof value.sha256 === "string";
}

function filesOf(from: string, path: string): { readonly from: string; readonly path: string }[] {
  const stats = lstatSync(from);
  if (stats.isFile()) return [{ from, path }];
  if (!stats.isDirectory()) return [];
  return readdirSync(from)
    .filter((name) => !NEVER.has(name))
    .toSorted()
    .flatMap((name) => filesOf(join(from, name), `${path}/${name}`));
}
