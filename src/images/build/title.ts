import type { SettledLayer } from "../definition/layers.ts";

/** A definition in a few words, for people: `debian 12, apt bwa samtools`. */
export function titleOf(layers: readonly SettledLayer[]): string {
  return layers.map(wordsOf).filter(Boolean).join(", ");
}

/** One step in a few words. */
export function wordsOf(layer: SettledLayer): string {
  if ("debian" in layer) return `debian ${layer.debian}`;
  if ("from" in layer) return layer.from.replace(/@sha256:([0-9a-f]{12})[0-9a-f]*$/, "@$1");
  if ("dockerfile" in layer) return `Dockerfile ${base(layer.dockerfile.path)}`;
  if ("archive" in layer) return `archive ${base(layer.archive.path)}`;
  if ("apt" in layer) return `apt ${few(layer.apt)}`;
  if ("python" in layer) return `python ${layer.python}`;
  if ("pip" in layer) return `pip ${few(layer.pip)}`;
  if ("requirements" in layer) return `requirements ${base(layer.name)}`;
  if ("conda" in layer) return `conda ${few(layer.conda)}`;
  if ("run" in layer) return `run ${cut(layer.run.join("; ").replace(/\s+/g, " "))}`;
  if ("files" in layer) return `files ${layer.at}`;
  return "";
}

const MOST = 6;

function few(names: readonly string[]): string {
  return names.length <= MOST ? names.join(" ") : `${names.slice(0, MOST).join(" ")} and ${names.length - MOST} more`;
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function cut(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
