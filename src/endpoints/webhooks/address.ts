import { lookup as resolve } from "node:dns";
import { BlockList, isIP, isIPv6, type LookupFunction } from "node:net";
import { LigaseError } from "../../kernel/index.ts";

/** Whom webhooks may reach: everybody, or those on the internet alone. */
export type Reach = "public" | "any";

/** Of IPv4, what is not on the internet (RFC 6890 and its register). */
const PRIVATE_4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Of IPv6, what within 2000::/3 is not; all outside of that is not either. 2002::/16 and Teredo carry IPv4 within. */
const PRIVATE_6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const blocked = new BlockList();
for (const [net, prefix] of PRIVATE_4) blocked.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of PRIVATE_6) blocked.addSubnet(net, prefix, "ipv6");
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");

/** Is an address one of the internet: no loopback, no private network, nothing of this link? */
export function isPublic(address: string): boolean {
  if (isIPv6(address)) return global6.check(address, "ipv6") && !blocked.check(address, "ipv6");
  return isIP(address) === 4 && !blocked.check(address, "ipv4");
}

const LONGEST = 2048;

/**
 * Checks the URL of a webhook, as far as it can be told without asking where its name leads.
 *
 * @returns the URL as it is used
 * @throws LigaseError `LIGASE_E_WEBHOOK` for one that is none, or may not be reached
 */
export function checkWebhook(text: string, reach: Reach): string {
  const url = text.length <= LONGEST && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new LigaseError("LIGASE_E_WEBHOOK", "webhook must be a URL that begins with http:// or https://", {
      facts: { url: text.slice(0, LONGEST) },
    });
  }
  const host = hostOf(url);
  const named = host === "localhost" || host.endsWith(".localhost");
  if (reach === "public" && (named || (isIP(host) !== 0 && !isPublic(host)))) throw privateAddress(host);
  return url.href;
}

/** The host of a URL without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function privateAddress(host: string): LigaseError {
  return new LigaseError("LIGASE_E_WEBHOOK", `webhook: ${host} is no public address`, {
    facts: { host },
    mend: 'allow those too, in the configuration of the server: server: { webhooks: "any" }',
  });
}

/**
 * Looks a name up, and answers only addresses that may be reached. The connection is made to what is answered here: a name
 * that leads elsewhere a moment later gains nothing by it.
 */
export function lookupWithin(reach: Reach): LookupFunction {
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "", 0);
      const good = reach === "any" ? found : found.filter(({ address }) => isPublic(address));
      const [first] = good;
      if (!first) return callback(privateAddress(name), "", 0);
      if (options.all) callback(null, good);
      else callback(null, first.address, first.family);
    });
  };
}
