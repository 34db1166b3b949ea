import { basename } from "node:path";
import { LigaseError, parseDuration } from "../../kernel/index.ts";
import { serverOf } from "./address.ts";
import { linkKey } from "./key.ts";
import { linkPath } from "./sign.ts";

/** How a link is to be. */
export interface LinkOptions {
  /** How long it is good: `"1h"`, or seconds. Default: a day. */
  readonly expires?: string | number;
  /** Save it, in place of opening it. */
  readonly download?: boolean;
}

/** What a link leads to. */
export interface LinkTarget {
  /** SHA-256 of its content. */
  readonly hash: string;
  readonly name: string;
  /** What it holds, where that was said. */
  readonly mediaType?: string | undefined;
}

/** Makes links to what lies in one store. */
export interface Links {
  /** Where the store is served; nothing while nobody does, and then there are no links. */
  readonly server: string | undefined;
  link(target: LinkTarget, options?: LinkOptions): string | undefined;
}

const DAY = 86_400_000;
/** A link that is to be good for longer is meant to be published. */
const LONGEST_MS = 366 * DAY;

/** Outputs lie in a folder of the call that left them. */
const OUTPUT = /^(.+)\/outputs\/([0-9a-f]{2})\/\2[0-9a-f]{38}\//;

/** The folder of the store that an output lies in, by its path; nothing for a file that lies elsewhere. */
export function storeOfOutput(path: string): string | undefined {
  return OUTPUT.exec(path)?.[1];
}

/** What is known of the server and its links where it is set. */
export interface LinkSettings {
  /** Its address; else it is looked for. */
  readonly url?: string | undefined;
  /** How long links are good, in milliseconds. Default: a day. */
  readonly linksMs?: number | undefined;
}

/**
 * Makes links to what lies in a store.
 *
 * @param now - the clock, in milliseconds since 1970
 */
export function openLinks(storeDir: string, { url, linksMs = DAY }: LinkSettings = {}, now = Date.now): Links {
  const base = (url ?? serverOf(storeDir))?.replace(/\/+$/, "");
  let key: Buffer | undefined;
  return {
    server: base,
    link({ hash, name, mediaType }, { expires, download = false } = {}) {
      if (base === undefined) return undefined;
      key ??= linkKey(storeDir);
      const until = Math.ceil(
        (now() + lifetime(expires === undefined ? linksMs : parseDuration(expires), expires)) / 1000,
      );
      return base + linkPath({ hash, name, expires: until, download, mediaType }, key);
    },
  };
}

function lifetime(ms: number, said: string | number = ms / 1000): number {
  if (ms >= 1000 && ms <= LONGEST_MS) return ms;
  throw new LigaseError("LIGASE_E_LINK", `a link cannot be good for ${said}: it may be for a second up to a year`, {
    facts: { expires: said },
    mend: 'say "1h" or "7d"; what is to stay for longer is published: file.publish("results/")',
  });
}

/** An output, by where it lies. */
export interface LocatedOutput {
  readonly path: string;
  /** Of its content, once that is known. */
  readonly hash: string | undefined;
  readonly mediaType?: string | undefined;
}

/**
 * A link to an output, by where it lies; nothing while nobody serves its store.
 *
 * @throws LigaseError `LIGASE_E_LINK` for a file that is not among the outputs of a store
 */
export function outputLink({ path, hash, mediaType }: LocatedOutput, options: LinkOptions): string | undefined {
  const storeDir = storeOfOutput(path);
  if (storeDir !== undefined && hash !== undefined) {
    const url = process.env["LIGASE_SERVER_URL"] || undefined;
    return openLinks(storeDir, { url }).link({ hash, name: basename(path), mediaType }, options);
  }
  throw new LigaseError("LIGASE_E_LINK", `${path} has no link: it is not among the outputs of a store`, {
    facts: { path },
    mend: "return it from its task, and ask for the link where the result is shown",
  });
}
