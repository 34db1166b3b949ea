import type { SettledLayer } from "../definition/layers.ts";

/** Variables and a directory. */
export interface Settings {
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
}

/** What variables there are after some layers that only set them. */
export function settingsAfter(layers: readonly SettledLayer[], before: Settings): Settings {
  const env: Record<string, string> = { ...before.env };
  for (const layer of layers) if ("env" in layer) Object.assign(env, layer.env);
  return { env, workdir: before.workdir };
}

/**
 * The layers as they are built, with those that others imply: Python packages on a Debian need its Python and pip, which are
 * worth a root file system of their own, since many definitions have them.
 */
export function chainOf(layers: readonly SettledLayer[]): readonly SettledLayer[] {
  const base = layers[0];
  const first = layers.findIndex((layer) => "pip" in layer || "requirements" in layer || "python" in layer);
  if (base === undefined || !("debian" in base) || first === -1) return layers;
  // Before that somebody else may have brought a Python.
  if (layers.slice(0, first).some((layer) => "conda" in layer)) return layers;
  const withPip = layers.some((layer) => "pip" in layer || "requirements" in layer);
  const python: SettledLayer = { apt: withPip ? ["python3", "python3-pip"] : ["python3"] };
  return [...layers.slice(0, first), python, ...layers.slice(first)];
}
