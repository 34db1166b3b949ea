/** Of one connection, and not of what is sent through it. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Said by who stands before an app: by us. */
const FORWARDED = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-prefix",
  "x-forwarded-proto",
  "x-real-ip",
]);

/** Pairs of names and values, one after the other, as Node has them: what comes twice stays twice. */
export type RawHeaders = readonly string[];

/** Where a request came from, for the app that answers it. */
export interface Origin {
  /** `/web/{name}`. */
  readonly prefix: string;
  /** `https:`, as the server is reached from outside. */
  readonly protocol: string;
  /** The address that asks; undefined where nobody knows. */
  readonly address: string | undefined;
  /** Does the request come from a proxy on this machine, whose word counts? */
  readonly trusted: boolean;
}

/**
 * The headers of a request as an app gets them: those of the connection taken out, and where it came from put in. `Host`
 * stays, so that links that the app makes lead back here.
 *
 * @param withKey - leave `Authorization` in: it is not the key of this server
 */
export function requestHeaders(given: RawHeaders, origin: Origin, withKey: boolean): string[] {
  const of = (name: string): string | undefined => pairs(given).find(([each]) => each.toLowerCase() === name)?.[1];
  const host = of("host");
  const from = [origin.trusted ? of("x-forwarded-for") : undefined, origin.address].filter(
    (each) => each !== undefined,
  );
  return [
    ...kept(given, (name) => FORWARDED.has(name) || (!withKey && name === "authorization")),
    ...(from.length > 0 ? ["X-Forwarded-For", from.join(", ")] : []),
    ...(host === undefined ? [] : ["X-Forwarded-Host", (origin.trusted ? of("x-forwarded-host") : undefined) ?? host]),
    "X-Forwarded-Proto",
    (origin.trusted ? of("x-forwarded-proto") : undefined) ?? origin.protocol.replace(":", ""),
    "X-Forwarded-Prefix",
    origin.prefix,
  ];
}

/** The headers of an app's answer as they go out. An app that leads to `/login` means its own, below the prefix. */
export function answerHeaders(given: RawHeaders, prefix: string): Headers {
  const headers = new Headers();
  for (const [name, value] of pairs(kept(given, () => false))) {
    headers.append(name, name.toLowerCase() === "location" ? located(value, prefix) : value);
  }
  return headers;
}

function located(location: string, prefix: string): string {
  const isOwn = location === prefix || location.startsWith(`${prefix}/`);
  return location.startsWith("/") && !location.startsWith("//") && !isOwn ? `${prefix}${location}` : location;
}

/** Those that are not of the connection, which may name more of these. */
function kept(given: RawHeaders, isLeftOut: (name: string) => boolean): string[] {
  const named = pairs(given).flatMap(([name, value]) => (name.toLowerCase() === "connection" ? value.split(",") : []));
  const ofConnection = new Set([...HOP_BY_HOP, ...named.map((name) => name.trim().toLowerCase())]);
  return pairs(given)
    .filter(([name]) => !ofConnection.has(name.toLowerCase()) && !isLeftOut(name.toLowerCase()))
    .flat();
}

function pairs(given: RawHeaders): (readonly [name: string, value: string])[] {
  return Array.from({ length: given.length / 2 }, (_, i) => [given[2 * i] ?? "", given[2 * i + 1] ?? ""] as const);
}
