import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  announce,
  type Claim,
  linkKey,
  linkPath,
  openLinks,
  outputLink,
  readClaim,
  serverOf,
  storeOfOutput,
  withdraw,
} from "../../../src/files/links/index.ts";
import { tempDir } from "./temp-dir.ts";

const KEY = Buffer.alloc(32, 7);
const HASH = "ab".repeat(32);

/** What a server reads of a link. */
function read(path: string, now: number, key = KEY): ReturnType<typeof readClaim> {
  const url = new URL(path, "http://x");
  const [, , hash = "", name = ""] = url.pathname.split("/");
  return readClaim({ hash, name: decodeURIComponent(name) }, Object.fromEntries(url.searchParams), key, now);
}

const claims: fc.Arbitrary<Claim> = fc.record({
  hash: fc.constant(HASH),
  name: fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((name) => !/^\.\.?$|[/\0]|[\ud800-\udfff]/.test(name) && name.isWellFormed()),
  expires: fc.integer({ min: 1, max: 99_999_999_999 }),
  download: fc.boolean(),
  mediaType: fc.constantFrom(undefined, "text/plain", "image/png; a=b"),
});

describe("a link", () => {
  it("says what it was made of, until it ends", () => {
    fc.assert(
      fc.property(claims, fc.nat(10_000), (claim, before) => {
        const path = linkPath(claim, KEY);
        expect(read(path, claim.expires * 1000 - 1 - before)).toEqual({ ...claim, mediaType: claim.mediaType });
        expect(read(path, claim.expires * 1000 + before)).toBe("expired");
      }),
    );
  });

  it("does not hold when anything in it is changed", () => {
    const claim = { hash: HASH, name: "plot.svg", expires: 2_000_000_000, download: false, mediaType: "text/plain" };
    const path = linkPath(claim, KEY);
    const now = 1_900_000_000_000;
    expect(read(path, now)).toEqual(claim);
    const changed = [
      path.replace(HASH, "cd".repeat(32)),
      path.replace("plot.svg", "plot.html"),
      path.replace("expires=2", "expires=3"),
      path.replace("expires=2000000000", "expires=02000000000"),
      path.replace("expires=2000000000", "expires=2e9"),
      path.replace("expires=2000000000", "expires=-1"),
      `${path}&download=1`,
      path.replace("&type=text%2Fplain", ""),
      path.replace("text%2Fplain", "text%2Fhtml"),
      path.replace("type=text%2Fplain", "type="),
      path.replace(/signature=.*/, "signature="),
      path.replace(/signature=.*/, `signature=${"A".repeat(43)}`),
      path.replace(/signature=.*/, `signature=${"ü".repeat(43)}`),
    ];
    for (const each of changed) expect([each, read(each, now)]).toEqual([each, "forged"]);
    expect(read(path.replace(/&signature=.*/, ""), now)).toBe("unsigned");
    expect(read(path, now, Buffer.alloc(32, 8))).toBe("forged");
    // Nobody learns from a forged link whether it would have expired.
    expect(read(changed[0]!, now * 2)).toBe("forged");
  });

  it("has one form: no letter of the signature may be another", () => {
    const path = linkPath({ hash: HASH, name: "x", expires: 2_000_000_000, download: false }, KEY);
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const holds = Array.from(letters, (last) => read(path.slice(0, -1) + last, 0)).filter(
      (each) => typeof each === "object",
    );
    expect(holds).toHaveLength(1);
  });

  it("is judged by the clock as it stands, when that is set back or on too", () => {
    const path = linkPath({ hash: HASH, name: "x", expires: 1000, download: false }, KEY);
    const states = [999_000, 1_001_000, 998_000, 5_000_000, 0].map((now) => typeof read(path, now));
    expect(states).toEqual(["object", "string", "object", "string", "object"]);
  });
});

describe("linkKey", () => {
  it("is made once, for its owner alone, and is the same from then on", () => {
    const dir = tempDir();
    const key = linkKey(dir);
    expect(key).toHaveLength(32);
    expect(statSync(join(dir, "link.key")).mode & 0o777).toBe(0o600);
    expect(linkKey(dir).equals(key)).toBe(true);
    expect(linkKey(tempDir()).equals(key)).toBe(false);
    chmodSync(join(dir, "link.key"), 0o644);
    expect(linkKey(dir).equals(key)).toBe(true);
    expect(statSync(join(dir, "link.key")).mode & 0o777).toBe(0o600);
  });

  it("is not made over a file that holds none", () => {
    const dir = tempDir();
    writeFileSync(join(dir, "link.key"), "short\n");
    expect(() => linkKey(dir)).toThrow(expect.objectContaining({ code: "LIGASE_E_LINK_KEY" }));
    expect(readFileSync(join(dir, "link.key"), "utf8")).toBe("short\n");
  });
});

describe("an announced server", () => {
  it("is known while its process is there", () => {
    const dir = tempDir();
    expect(serverOf(dir)).toBeUndefined();
    announce(dir, { url: "http://127.0.0.1:4747" });
    expect(statSync(join(dir, "server.json")).mode & 0o777).toBe(0o600);
    expect(serverOf(dir)).toBe("http://127.0.0.1:4747");
    withdraw(dir);
    expect([serverOf(dir), existsSync(join(dir, "server.json"))]).toEqual([undefined, false]);
  });

  it.each([
    ["a process that is gone", { url: "http://h:1", pid: 2 ** 22 + 1, started: "", host: hostname() }],
    ["a process that has the number of another", { url: "http://h:1", pid: 1, started: "-1", host: hostname() }],
    ["no address", { url: "javascript:alert(1)", pid: process.pid, started: "", host: hostname() }],
    ["half a file", "{"],
  ])("is not taken from %s", (_, said) => {
    const dir = tempDir();
    writeFileSync(join(dir, "server.json"), typeof said === "string" ? said : JSON.stringify(said));
    expect(serverOf(dir)).toBeUndefined();
  });

  it("of another machine is known unless it answers only there", () => {
    const dir = tempDir();
    const said = (url: string): string | undefined => {
      writeFileSync(join(dir, "server.json"), JSON.stringify({ url, pid: 1, started: "", host: "elsewhere" }));
      return serverOf(dir);
    };
    expect(["http://10.0.0.7:4747", "http://127.0.0.1:4747", "http://[::1]:1", "http://localhost"].map(said)).toEqual([
      "http://10.0.0.7:4747",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("of another process is not withdrawn", () => {
    const dir = tempDir();
    const said = { url: "http://h:1", pid: 1, started: "", host: hostname() };
    writeFileSync(join(dir, "server.json"), JSON.stringify(said));
    withdraw(dir);
    expect(existsSync(join(dir, "server.json"))).toBe(true);
  });
});

describe("openLinks", () => {
  const target = { hash: HASH, name: "a b.svg" };

  it("makes links that last a day, or as long as is said, and none without a server", () => {
    const dir = tempDir();
    expect(openLinks(dir).link(target)).toBeUndefined();
    // What is not needed is not made.
    expect(existsSync(join(dir, "link.key"))).toBe(false);
    const expiry = (settings: object, options?: object): number =>
      Number(
        new URL(
          openLinks(dir, { url: "https://h/x/", ...settings }, () => 5_000_000).link(target, options)!,
        ).searchParams.get("expires"),
      );
    expect(expiry({})).toBe(5000 + 86_400);
    expect(expiry({ linksMs: 60_000 })).toBe(5060);
    expect(expiry({ linksMs: 60_000 }, { expires: "1h" })).toBe(5000 + 3600);
    expect(expiry({}, { expires: 90 })).toBe(5090);
    expect(openLinks(dir, { url: "https://h/x/" }).link(target)).toMatch(
      /^https:\/\/h\/x\/files\/(ab){32}\/a%20b\.svg\?expires=/,
    );
  });

  it.each(["0s", "10 years", "400d", "soon", -1])("refuses to make one for %s", (expires) => {
    const links = openLinks(tempDir(), { url: "http://h" });
    expect(() => links.link(target, { expires })).toThrow(/LIGASE_E|cannot be good|not a duration/);
  });
});

describe("outputLink", () => {
  it("finds the store of an output by its path", () => {
    const store = tempDir();
    const path = join(store, "outputs/ab", "ab".padEnd(40, "0"), "deep/x.svg");
    expect(storeOfOutput(path)).toBe(store);
    expect(storeOfOutput(join(store, "outputs/ab/cd/x.svg"))).toBeUndefined();
    expect(outputLink({ path, hash: HASH }, {})).toBeUndefined();
    mkdirSync(store, { recursive: true });
    announce(store, { url: "http://127.0.0.1:1" });
    expect(outputLink({ path, hash: HASH }, { download: true })).toMatch(/\/x\.svg\?expires=\d+&download=1&signature=/);
  });
});
