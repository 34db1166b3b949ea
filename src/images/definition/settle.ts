import { readContent, readContext, readRequirements } from "./content.ts";
import type { ImageLayer, SettledLayer } from "./layers.ts";

/** Reads what a layer takes from local files, once. */
export function settle(layer: ImageLayer | SettledLayer, base: string): SettledLayer {
  if ("files" in layer) {
    const { files, at } = layer;
    return { files: typeof files === "string" ? readContent("files", files, base) : files, at };
  }
  if ("requirements" in layer) {
    if ("name" in layer) return layer;
    return { requirements: readRequirements(layer.requirements, base), name: layer.requirements };
  }
  if ("archive" in layer) {
    const { archive } = layer;
    return { archive: typeof archive === "string" ? readContent("an image", archive, base) : archive };
  }
  if ("dockerfile" in layer) {
    const { dockerfile, context, args } = layer;
    return {
      dockerfile: typeof dockerfile === "string" ? readContent("a Dockerfile", dockerfile, base) : dockerfile,
      context: typeof context === "string" ? readContext(context, base) : context,
      args,
    };
  }
  return layer;
}

/** What counts of a layer: contents, not where they lie. */
function counts(layer: SettledLayer): unknown {
  if ("files" in layer) return { files: layer.files.sha256, at: layer.at };
  if ("requirements" in layer) return { requirements: layer.requirements };
  if ("archive" in layer) return { archive: layer.archive.sha256 };
  if ("dockerfile" in layer) {
    return { dockerfile: layer.dockerfile.sha256, context: layer.context.sha256, args: layer.args };
  }
  return layer;
}

/** What makes two definitions the same. */
export function identityOf(layers: readonly SettledLayer[]): unknown {
  return layers.map(counts);
}
