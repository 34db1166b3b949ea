import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Fingerprints } from "../../../src/files/index.ts";
import { type Claim, linkPath } from "../../../src/files/links/index.ts";
import { createApp, type RequestFacts } from "../../../src/server/index.ts";
import type { Store } from "../../../src/store/index.ts";
import { idleServices } from "../../support/idle-services.ts";
import { tempDir } from "../files/temp-dir.ts";

const KEY = Buffer.alloc(32, 1);
const NOW = 1_800_000_000_000;
const CALL = "ab12345678901234567890123456789012345678";

interface Place {
  readonly hash: string;
  readonly name: string;
  readonly path: string;
}

const open: Fingerprints[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A server of a store with some outputs, by their names and contents. */
function serverOf(contents: Readonly<Record<string, string | Buffer>>) {
  const storeDir = join(tempDir(), ".ligase");
  const places: Place[] = [];
  const pathOf = (name: string): string => join(storeDir, "outputs/ab", CALL, name);
  mkdirSync(dirname(pathOf("x")), { recursive: true });
  for (const [name, content] of Object.entries(contents)) {
    writeFileSync(pathOf(name), content);
    places.push({ hash: createHash("sha256").update(content).digest("hex"), name, path: pathOf(name) });
  }
  const fingerprints = new Fingerprints();
  open.push(fingerprints);
  const requests: RequestFacts[] = [];
  const warnings: string[] = [];
  let now = NOW;
  const store: Partial<Store> = {
    findPlaces: async (of) => places.filter(({ hash }) => "hash" in of && hash === of.hash),
  };
  const app = createApp({
    storeDir,
    store: store as Store,
    services: idleServices(),
    url: "http://127.0.0.1:4747",
    startedAt: NOW,
    fingerprints,
    key: KEY,
    hosts: new Set(["ligase.example.org"]),
    now: () => now,
    log: { debug() {}, info() {}, warn: (message) => void warnings.push(message) },
    onRequest: (facts) => void requests.push(facts),
  });
  const link = (name: string, claim: Partial<Claim> = {}): string => {
    const { hash } = places.find((each) => each.name === name)!;
    return linkPath({ hash, name, expires: NOW / 1000 + 60, download: false, ...claim }, KEY);
  };
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
    Promise.resolve(
      app.request(`http://127.0.0.1:4747${path}`, { method, headers: { host: "127.0.0.1:4747", ...headers } }),
    );
  return { storeDir, places, pathOf, link, get, requests, warnings, setClock: (to: number) => void (now = to) };
}

/** What a file descriptor of this process leads to; nothing for one that was closed meanwhile. */
function targetOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

const letters = Buffer.from(Array.from({ length: 1000 }, (_, i) => 97 + (i % 26)));

describe("GET /files", () => {
  it("answers a link with the file, and what a browser may do with it", async () => {
    const { get, link } = serverOf({ "plot.svg": "<svg/>" });
    const answer = await get(link("plot.svg"));
    expect([answer.status, await answer.text()]).toEqual([200, "<svg/>"]);
    const { etag, ...headers } = Object.fromEntries(answer.headers);
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(headers).toMatchObject({
      "content-type": "image/svg+xml",
      "content-length": "6",
      "content-disposition": 'inline; filename="plot.svg"',
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "accept-ranges": "bytes",
      "cache-control": "private, max-age=60, immutable",
    });
    expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'; style-src 'unsafe-inline';/);
    expect(headers["content-security-policy"]).not.toContain("script");
    expect(Date.parse(headers["last-modified"]!)).toBeGreaterThan(0);
  });

  it.each([
    ["a.png", "inline", "image/png"],
    ["a.tsv", "inline", "text/tab-separated-values; charset=utf-8"],
    ["a.vcf", "inline", "text/plain; charset=utf-8"],
    ["a.fasta", "inline", "text/plain; charset=utf-8"],
    ["a.json", "inline", "application/json"],
    ["a.pdb", "inline", "chemical/x-pdb"],
    ["a.PDF", "inline", "application/pdf"],
    ["a.html", "attachment", "text/html; charset=utf-8"],
    ["a.xhtml", "attachment", "application/xhtml+xml"],
    ["a.xml", "attachment", "application/xml"],
    ["a.js", "attachment", "text/javascript; charset=utf-8"],
    ["a.bam", "attachment", "application/octet-stream"],
    ["a.vcf.gz", "attachment", "application/gzip"],
    ["a.zip", "attachment", "application/zip"],
    ["a", "attachment", "application/octet-stream"],
    ["a.constructor", "attachment", "application/octet-stream"],
  ])("%s is %s, as %s", async (name, disposition, type) => {
    const { get, link } = serverOf({ [name]: "x" });
    const { headers } = await get(link(name));
    expect([headers.get("content-disposition")!.split(";")[0], headers.get("content-type")]).toEqual([
      disposition,
      type,
    ]);
  });

  it("takes a media type that was said, and is not led by it to run what it must not", async () => {
    const { get, link } = serverOf({ "a.x": "x", "b.svg": "x" });
    expect((await get(link("a.x", { mediaType: "text/plain" }))).headers.get("content-disposition")).toMatch(/^inline/);
    const html = await get(link("b.svg", { mediaType: "Text/HTML ; charset=utf-8" }));
    expect(html.headers.get("content-disposition")).toMatch(/^attachment/);
    const odd = await get(link("b.svg", { mediaType: "text/html\r\nX-A: b" }));
    expect([odd.status, odd.headers.get("x-a"), odd.headers.get("content-type")]).toEqual([200, null, "image/svg+xml"]);
    expect((await get(link("b.svg", { download: true }))).headers.get("content-disposition")).toMatch(/^attachment/);
  });

  it("names files in any letters", async () => {
    const name = 'äöü "x"\\ 試料%0d.txt';
    const { get, link } = serverOf({ [name]: "x" });
    const answer = await get(link(name));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-disposition")).toBe(
      `inline; filename="___ _x__ ___0d.txt"; filename*=UTF-8''${encodeURIComponent(name)}`,
    );
  });

  it("gives any part of a file", async () => {
    const { get, link } = serverOf({ "a.bam": letters });
    await fc.assert(
      fc.asyncProperty(fc.nat(999), fc.nat(1200), async (first, more) => {
        const answer = await get(link("a.bam"), { range: `bytes=${first}-${first + more}` });
        const last = Math.min(999, first + more);
        expect([answer.status, answer.headers.get("content-range"), answer.headers.get("content-length")]).toEqual([
          206,
          `bytes ${first}-${last}/1000`,
          String(last - first + 1),
        ]);
        expect(Buffer.from(await answer.arrayBuffer()).equals(letters.subarray(first, last + 1))).toBe(true);
      }),
      { numRuns: 50 },
    );
    const suffix = await get(link("a.bam"), { range: "bytes=-3" });
    expect([suffix.headers.get("content-range"), await suffix.text()]).toEqual([
      "bytes 997-999/1000",
      letters.toString().slice(-3),
    ]);
  });

  it("gives several parts in one answer, whose length is what was said", async () => {
    const { get, link } = serverOf({ "a.vcf": letters });
    const answer = await get(link("a.vcf"), { range: "bytes=0-1,100-102,-1" });
    const [, boundary] = /^multipart\/byteranges; boundary=(.+)$/.exec(answer.headers.get("content-type")!)!;
    const text = await answer.text();
    expect([answer.status, answer.headers.get("content-length")]).toEqual([206, String(text.length)]);
    const part = (range: string, content: string): string =>
      `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/1000\r\n\r\n${content}\r\n`;
    expect(text).toBe(`${part("0-1", "ab")}${part("100-102", "wxy")}${part("999-999", "l")}--${boundary}--\r\n`);
  });

  it("says how long a file is to whoever asks for more", async () => {
    const { get, link } = serverOf({ "a.bam": letters, empty: "" });
    const answer = await get(link("a.bam"), { range: "bytes=1000-" });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([416, "bytes */1000"]);
    expect((await get(link("empty"), { range: "bytes=0-" })).status).toBe(416);
    const whole = await get(link("empty"));
    expect([whole.status, whole.headers.get("content-length"), await whole.text()]).toEqual([200, "0", ""]);
  });

  it("HEAD has the same headers and nothing else, also of a part", async () => {
    const { get, link } = serverOf({ "a.bam": letters });
    for (const headers of [{}, { range: "bytes=1-5" }, { range: "bytes=5000-" }]) {
      const [got, head] = [await get(link("a.bam"), headers), await get(link("a.bam"), headers, "HEAD")];
      expect([head.status, Object.fromEntries(head.headers)]).toEqual([got.status, Object.fromEntries(got.headers)]);
      expect(await head.text()).toBe("");
      await got.text();
    }
  });

  it("sends nothing that is there already", async () => {
    const { get, link } = serverOf({ "a.svg": "<svg/>" });
    const first = await get(link("a.svg"));
    const [etag, modified] = [first.headers.get("etag")!, first.headers.get("last-modified")!];
    const status = async (headers: Readonly<Record<string, string>>) => (await get(link("a.svg"), headers)).status;
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"])
      expect(await status({ "if-none-match": tag })).toBe(304);
    expect(await status({ "if-none-match": '"other"' })).toBe(200);
    expect(await status({ "if-modified-since": modified })).toBe(304);
    expect(await status({ "if-modified-since": new Date(0).toUTCString() })).toBe(200);
    expect(await status({ "if-modified-since": "yesterday" })).toBe(200);
    // The tag wins over the time.
    expect(await status({ "if-none-match": '"other"', "if-modified-since": modified })).toBe(200);
    const fresh = await get(link("a.svg"), { "if-none-match": etag });
    expect([fresh.headers.get("etag"), fresh.headers.get("content-length"), await fresh.text()]).toEqual([
      etag,
      null,
      "",
    ]);
  });

  it("goes on with a part only of the same content", async () => {
    const { get, link } = serverOf({ "a.bam": letters });
    const first = await get(link("a.bam"));
    const [etag, modified] = [first.headers.get("etag")!, first.headers.get("last-modified")!];
    const status = async (condition: string) =>
      (await get(link("a.bam"), { range: "bytes=1-2", "if-range": condition })).status;
    expect([await status(etag), await status(modified)]).toEqual([206, 206]);
    expect([await status('"other"'), await status(`W/${etag}`), await status(new Date(0).toUTCString())]).toEqual([
      200, 200, 200,
    ]);
  });

  it("says in a sentence why a link is not answered", async () => {
    const { get, link, setClock } = serverOf({ "a.svg": "<svg/>" });
    const path = link("a.svg");
    const says = async (of: string, headers = {}) => {
      const answer = await get(of, headers);
      const text = await answer.text();
      expect(text).toMatch(/^[A-Z].*[.]\n$/);
      return [answer.status, text.split(":")[0], answer.headers.get("cache-control")];
    };
    expect(await says(path.replace(/\?.*/, ""))).toEqual([403, "This link is not signed", "no-store"]);
    expect(await says(path.replace("expires=1", "expires=2"))).toEqual([
      403,
      "This link was changed, or is of another store",
      "no-store",
    ]);
    setClock(NOW + 60_000);
    expect(await says(path)).toEqual([410, "This link has expired", "no-store"]);
    setClock(NOW - 1e9);
    expect((await get(path)).status).toBe(200);
    const json = await get(path.replace("a.svg", "b.svg"), { accept: "application/json" });
    expect([json.status, await json.json()]).toEqual([
      403,
      { error: { code: "link-forged", message: expect.stringContaining("changed") as string } },
    ]);
  });

  it("knows what is gone, what changed, and what never was", async () => {
    const { get, link, pathOf, places } = serverOf({
      gone: "1",
      changed: "2",
      shorter: "333",
      forgotten: "4",
      dir: "5",
    });
    rmSync(pathOf("gone"));
    writeFileSync(pathOf("changed"), "3");
    truncateSync(pathOf("shorter"), 1);
    const forgotten = link("forgotten");
    places.splice(3, 1);
    rmSync(pathOf("dir"));
    mkdirSync(pathOf("dir"));
    for (const name of ["gone", "changed", "shorter", "dir"]) {
      const answer = await get(link(name));
      expect([name, answer.status]).toEqual([name, 410]);
      expect(await answer.text()).toContain("run the workflow again");
    }
    expect((await get(forgotten)).status).toBe(404);
  });

  it("opens nothing outside of the store's outputs, whatever the record says", async () => {
    const { get, link, places, storeDir, pathOf } = serverOf({ inside: "inside" });
    const secret = join(storeDir, "../secret");
    writeFileSync(secret, "secret");
    const hash = createHash("sha256").update("secret").digest("hex");
    symlinkSync(secret, pathOf("link"));
    symlinkSync(dirname(storeDir), pathOf("folder"));
    writeFileSync(join(storeDir, "link.key"), "secret");
    const paths = [
      secret,
      "/etc/passwd",
      "./secret",
      pathOf("link"),
      pathOf("folder/secret"),
      `ligase:outputs/ab/${CALL}/../../../../secret`,
      `ligase:../secret`,
      "ligase:link.key",
      `ligase:outputs/../link.key`,
      `/elsewhere/outputs/ab/${CALL}/../../../../secret`,
    ];
    for (const path of paths) {
      const name = path.slice(path.lastIndexOf("/") + 1).replace("ligase:", "");
      places.push({ hash, name, path });
      const answer = await get(linkPath({ hash, name, expires: NOW / 1000 + 60, download: false }, KEY));
      expect([path, answer.status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status === 404 || status === 410),
      ]);
      expect(await answer.text()).not.toContain("secret");
    }
    expect(await (await get(link("inside"))).text()).toBe("inside");
  });

  it("finds outputs of a store that was moved, by what its record and that of an archive say", async () => {
    const { get, link, places } = serverOf({ a: "a", b: "b" });
    places[0] = { ...places[0]!, path: `/home/other/.ligase/outputs/ab/${CALL}/a` };
    places[1] = { ...places[1]!, path: `ligase:outputs/ab/${CALL}/b` };
    expect(await (await get(link("a"))).text()).toBe("a");
    expect(await (await get(link("b"))).text()).toBe("b");
  });

  it.each([
    "/files/../../etc/passwd",
    "/files/..%2f..%2fetc%2fpasswd",
    "/files/%2e%2e/%2e%2e/etc/passwd",
    `/files/${"ab".repeat(32)}/..%2f..%2fetc%2fpasswd?expires=1&signature=x`,
    `/files/${"ab".repeat(32)}/%00`,
    `/files/${"ab".repeat(32)}/%ff%fe`,
    `/files/${"AB".repeat(32)}/x`,
    "/files/short/x",
    "/files//etc/passwd",
    "/files",
    "/etc/passwd",
  ])("has nothing at %s", async (path) => {
    const { get } = serverOf({ a: "a" });
    expect([403, 404]).toContain((await get(path)).status);
  });

  it("closes files that nobody reads to the end", async () => {
    const { get, link, pathOf } = serverOf({ large: Buffer.alloc(4 << 20, 1) });
    if (!existsSync("/proc/self/fd")) return;
    // Of this file alone: other parts of the process open and close theirs meanwhile.
    const isOpen = (): boolean => readdirSync("/proc/self/fd").some((fd) => targetOf(fd) === pathOf("large"));
    await (await get(link("large"))).text();
    expect(isOpen()).toBe(false);
    for (let i = 0; i < 20; i++) {
      await get(link("large"), {}, "HEAD");
      expect(isOpen()).toBe(false);
      const answer = await get(link("large"));
      const reader = answer.body!.getReader();
      await reader.read();
      expect(isOpen()).toBe(true);
      await reader.cancel();
      expect(isOpen()).toBe(false);
    }
  });

  it("breaks off when a file becomes shorter on its way", async () => {
    const { get, link, pathOf } = serverOf({ large: Buffer.alloc(4 << 20, 1) });
    const reader = (await get(link("large"))).body!.getReader();
    await reader.read();
    truncateSync(pathOf("large"), 1);
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow("shorter");
  });
});

describe("the server", () => {
  it.each([
    "evil.com",
    "evil.com:4747",
    "127.0.0.1.evil.com",
    "localhost.evil.com",
    "",
    "a b",
    "x@127.0.0.1",
    "x/127.0.0.1",
  ])("does not answer to the name %j", async (host) => {
    const { get, link } = serverOf({ a: "a" });
    const answer = await get(link("a"), { host });
    expect([answer.status, (await answer.text()).startsWith("This server does not answer")]).toEqual([403, true]);
  });

  it.each([
    "localhost:4747",
    "127.0.0.1",
    "[::1]:4747",
    "10.0.0.7:80",
    "ligase.example.org",
    "LIGASE.example.org.:443",
    "x.localhost",
  ])("answers to %s", async (host) => {
    const { get, link } = serverOf({ a: "a" });
    expect((await get(link("a"), { host })).status).toBe(200);
  });

  it("says that it is there", async () => {
    const { get } = serverOf({});
    const answer = await get("/health");
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: "ok", version: expect.any(String) as string },
    ]);
    expect((await get("/health", {}, "POST")).status).toBe(404);
  });

  it("tells of each request, and of no signature", async () => {
    const { get, link, requests } = serverOf({ "a.svg": "<svg/>" });
    await get(link("a.svg"), { range: "bytes=0-1" });
    await get("/nowhere?signature=secret");
    expect(requests).toMatchObject([
      { time: new Date(NOW).toISOString(), method: "GET", status: 206, bytes: 2, range: "bytes=0-1" },
      { path: "/nowhere", status: 404 },
    ]);
    expect(JSON.stringify(requests)).not.toContain("signature");
  });
});
