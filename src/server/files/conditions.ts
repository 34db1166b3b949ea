/** What is known of the content that is asked for. */
export interface Content {
  /** In quotes. */
  readonly etag: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly modified: number;
}

/** Reads one header of the request. */
export type Header = (name: string) => string | undefined;

/** Has whoever asks the content already (RFC 9110, 13.1.2 and 13.1.3)? */
export function isFresh(header: Header, { etag, modified }: Content): boolean {
  const tags = header("if-none-match");
  if (tags !== undefined) return tags.trim() === "*" || tagsOf(tags).includes(etag);
  const since = Date.parse(header("if-modified-since") ?? "");
  return Number.isFinite(since) && modified <= since;
}

/** Do the parts that are asked for belong to what was got before (RFC 9110, 13.1.5)? Otherwise all of it is sent. */
export function rangeApplies(header: Header, { etag, modified }: Content): boolean {
  const condition = header("if-range")?.trim();
  if (condition === undefined) return true;
  // A weak tag never holds here.
  return condition.startsWith('"') ? condition === etag : Date.parse(condition) === modified;
}

/** The tags of a list, weak ones as if they were strong: that is how `If-None-Match` compares. */
function tagsOf(list: string): string[] {
  return Array.from(list.matchAll(/(?:W\/)?("[^"]*")/g), ([, tag]) => tag!);
}
