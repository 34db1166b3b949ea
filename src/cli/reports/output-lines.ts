import type { Links } from "../../files/links/index.ts";
import { formatBytes } from "../../kernel/index.ts";
import { pathFrom } from "../../record/path.ts";
import type { RecordedOutput } from "../../record/outputs.ts";
import type { Paint } from "../terminal/terminal.ts";

/** What people do who want to open an output. */
export const SERVE_HINT = "ligase serve opens outputs in a browser";

/** Where an output is opened: a link, made now; its path while nobody serves the store. */
export function placeOfOutput(
  { path, hash, name, saidType }: Pick<RecordedOutput, "path" | "hash" | "name" | "saidType">,
  links: Links,
  cwd = process.cwd(),
): string {
  return links.link({ hash, name, mediaType: saidType }) ?? pathFrom(path, cwd);
}

/**
 * Outputs, each with where it is opened. A link is never cut or folded: it would be none any more.
 *
 * @param indent - before each line
 */
export function outputLines(
  outputs: readonly (RecordedOutput & { readonly note?: string })[],
  links: Links,
  paint: Paint,
  indent = "",
): string[] {
  const lines = outputs.flatMap((output) => {
    const { name, size, mediaType, note } = output;
    const facts = [formatBytes(size), mediaType, ...(note === undefined ? [] : [note])].join(", ");
    return [`${indent}${paint("strong", name)}  ${paint("dim", facts)}`, `${indent}  ${placeOfOutput(output, links)}`];
  });
  if (outputs.length > 0 && links.server === undefined) lines.push(indent + paint("dim", SERVE_HINT));
  return lines;
}

/** An output as a program reads it. */
export function outputJson(
  { name, path, hash, size, mediaType, saidType }: Omit<RecordedOutput, "at">,
  links: Links,
  cwd = process.cwd(),
): object {
  const url = links.link({ hash, name, mediaType: saidType }) ?? null;
  return { path: pathFrom(path, cwd), name, size, hash, mediaType, url };
}
