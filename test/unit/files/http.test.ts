import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Activities, fetchInput, File, Fingerprints, localPath, stage } from "../../../src/files/index.ts";
import { hashText } from "../../../src/kernel/index.ts";
import { containing, tempDir } from "./temp-dir.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server on this machine, with the list of what it was asked. */
async function serve(handler: Handler) {
  const asked: { method: string; range?: string; none?: string; since?: string }[] = [];
  const server = createServer((request, response) => {
    const { range, "if-none-match": none, "if-modified-since": since } = request.headers;
    asked.push({ method: request.method!, ...(range && { range }), ...(none && { none }), ...(since && { since }) });
    handler(request, response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  closing.push(close);
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/reads.fq`, asked, close };
}

const quick = { backoff: { initial: 1, max: 5, factor: 2 } };

/** Serves a content as a good server does: with an ETag, ranges and conditions. */
function good(content: { text: string; etag: string }): Handler {
  return (request, response) => {
    const bytes = Buffer.from(content.text);
    if (request.headers["if-none-match"] === content.etag) {
      response.writeHead(304).end();
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const partial = from > 0 && request.headers["if-range"] === content.etag;
    const body = partial ? bytes.subarray(from) : bytes;
    response.writeHead(partial ? 206 : 200, {
      etag: content.etag,
      "content-length": body.length,
      ...(partial && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  };
}

describe("fetchInput", () => {
  it("downloads once, asks whether it changed, and keeps versions apart", async () => {
    const content = { text: "one", etag: '"1"' };
    const { url, asked } = await serve(good(content));
    const cache = join(tempDir(), "cache");
    const first = await fetchInput(url, cache);
    expect(first.how).toBe("downloaded");
    expect(readFileSync(first.path, "utf8")).toBe("one");
    expect(await fetchInput(url, cache)).toEqual({ path: first.path, how: "unchanged" });
    Object.assign(content, { text: "two", etag: '"2"' });
    const second = await fetchInput(url, cache);
    expect(second.how).toBe("downloaded");
    expect(readFileSync(second.path, "utf8")).toBe("two");
    expect(readFileSync(first.path, "utf8")).toBe("one");
    expect(asked.map(({ none }) => none)).toEqual([undefined, '"1"', '"1"']);
  });

  it("asks by date where there is no ETag, and downloads again where there is neither", async () => {
    const date = "Wed, 21 Oct 2015 07:28:00 GMT";
    const dated = await serve((request, response) => {
      if (request.headers["if-modified-since"] === date) response.writeHead(304).end();
      else response.writeHead(200, { "last-modified": date }).end("x");
    });
    const plain = await serve((_request, response) => void response.end("x"));
    const cache = tempDir();
    await fetchInput(dated.url, cache);
    await fetchInput(plain.url, cache);
    expect((await fetchInput(dated.url, cache)).how).toBe("unchanged");
    expect((await fetchInput(plain.url, cache)).how).toBe("downloaded");
  });

  it("downloads again what was damaged in the cache", async () => {
    const { url } = await serve(good({ text: "content", etag: '"1"' }));
    const cache = tempDir();
    const { path } = await fetchInput(url, cache);
    writeFileSync(path, "cut");
    expect(readFileSync((await fetchInput(url, cache)).path, "utf8")).toBe("content");
  });

  it("goes on where a connection broke", async () => {
    const text = "0123456789".repeat(100_000);
    const whole = good({ text, etag: '"1"' });
    const { url, asked } = await serve((request, response, count) => {
      if (count > 2) return whole(request, response, count);
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(count === 1 ? 200 : 206, {
        etag: '"1"',
        "content-length": text.length - from,
        ...(count > 1 && { "content-range": `bytes ${from}-${text.length - 1}/${text.length}` }),
      });
      response.write(text.slice(from, from + 300_000), () => setTimeout(() => response.destroy(), 20));
    });
    let moved = 0;
    const heard: string[] = [];
    const activities: Activities = {
      begin: (kind, what) => {
        heard.push(`${kind} ${what}`);
        return {
          at: (done, total) => heard.push(`${done === moved ? "on" : "off"} ${total}`),
          moved: (bytes) => (moved += bytes),
          end: () => heard.push("end"),
        };
      },
    };
    const { path } = await fetchInput(url, tempDir(), { ...quick, activities });
    expect(readFileSync(path, "utf8") === text).toBe(true);
    expect(asked).toHaveLength(3);
    expect(asked[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(moved).toBe(text.length);
    const known = `on ${text.length}`;
    expect(heard).toEqual([`fetch ${new URL(url).host}`, known, known, known, "end"]);
  });

  it("starts over when the content changed meanwhile, or the server knows no ranges", async () => {
    const { url, asked } = await serve((_request, response, count) => {
      const text = count === 1 ? "old ".repeat(1000) : "new ".repeat(1000);
      response.writeHead(200, { etag: `"${count}"`, "content-length": text.length });
      if (count > 1) response.end(text);
      else response.write(text.slice(0, 2000), () => setTimeout(() => response.destroy(), 20));
    });
    const { path } = await fetchInput(url, tempDir(), quick);
    expect(readFileSync(path, "utf8")).toBe("new ".repeat(1000));
    expect(asked).toHaveLength(2);
  });

  it("goes on where a process that was killed had stopped", async () => {
    const { url, asked } = await serve(good({ text: "0123456789", etag: '"1"' }));
    const cache = tempDir();
    const { pid } = spawnSync("true");
    const folder = join(cache, hashText(url));
    await fetchInput(url, cache);
    renameSync(join(folder, "cached.json"), join(cache, "aside"));
    const part = join(folder, `part-${hostname()}-${pid}-abc`);
    writeFileSync(part, "01234");
    writeFileSync(`${part}.json`, '{"etag":"\\"1\\""}');
    const { path } = await fetchInput(url, cache);
    expect(readFileSync(path, "utf8")).toBe("0123456789");
    expect(asked.at(-1)?.range).toBe("bytes=5-");
    expect(readdirSync(folder).filter((name) => name.startsWith("part-"))).toEqual([]);
  });

  it("is patient with a server that asks for it, and not for ever", async () => {
    const busy = await serve((_request, response, count) => {
      if (count < 3) response.writeHead(503, { "retry-after": "0" }).end();
      else response.end("x");
    });
    expect((await fetchInput(busy.url, tempDir(), quick)).how).toBe("downloaded");
    const down = await serve((_request, response) => void response.writeHead(500).end());
    await expect(fetchInput(down.url, tempDir(), { ...quick, retries: 2 })).rejects.toMatchObject({
      code: "LIGASE_E_FETCH",
      message: `cannot fetch ${down.url}: the server answered 500`,
      facts: { url: down.url, status: 500 },
    });
    expect(down.asked).toHaveLength(3);
  });

  it("says at once that there is no such file, or that it is forbidden", async () => {
    for (const status of [404, 403]) {
      const { url, asked } = await serve((_request, response) => void response.writeHead(status).end("no"));
      await expect(fetchInput(url, tempDir(), quick)).rejects.toMatchObject({
        code: "LIGASE_E_FETCH",
        message: `cannot fetch ${url}: the server answered ${status}`,
      });
      expect(asked).toHaveLength(1);
    }
  });

  it("names a URL whose server refuses or falls silent, and believes the cache when there is one", async () => {
    const { url, close } = await serve(good({ text: "x", etag: '"1"' }));
    const cache = tempDir();
    const { path } = await fetchInput(url, cache);
    await close();
    expect(await fetchInput(url, cache, { ...quick, retries: 1 })).toEqual({ path, how: "unconfirmed" });
    await expect(fetchInput(url, tempDir(), { ...quick, retries: 1 })).rejects.toMatchObject({
      code: "LIGASE_E_FETCH",
      message: `cannot fetch ${url}: the connection was refused`,
    });
    const silent = await serve(() => {});
    await expect(fetchInput(silent.url, tempDir(), { ...quick, retries: 0, idleMs: 20 })).rejects.toMatchObject({
      message: `cannot fetch ${silent.url}: the server is silent`,
    });
  });

  it("follows redirects, and refuses endless ones", async () => {
    const content = good({ text: "x", etag: '"1"' });
    const { url } = await serve((request, response, count) => {
      if (request.url === "/reads.fq") response.writeHead(302, { location: "/there" }).end();
      else content(request, response, count);
    });
    expect(readFileSync((await fetchInput(url, tempDir())).path, "utf8")).toBe("x");
    const loop = await serve((_request, response) => void response.writeHead(302, { location: "/" }).end());
    await expect(fetchInput(loop.url, tempDir(), quick)).rejects.toMatchObject({
      code: "LIGASE_E_FETCH",
      message: containing("10 times"),
    });
  });

  it("keeps the bytes of a .gz that is served as an encoding", async () => {
    const { url } = await serve(
      (_request, response) =>
        void response.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.from([0x1f, 0x8b, 1])),
    );
    expect([...readFileSync((await fetchInput(url, tempDir())).path)]).toEqual([0x1f, 0x8b, 1]);
  });

  it("stops when told to", async () => {
    const { url } = await serve(() => {});
    const stop = new AbortController();
    const fetching = fetchInput(url, tempDir(), { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await expect(fetching).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a File of a URL", () => {
  it("is read from its server, and staged under its own name once it is settled", async () => {
    const { url, asked } = await serve(good({ text: "one\ntwo\n", etag: '"1"' }));
    const file = new File(url);
    expect([await file.text(), await file.exists(), await file.size()]).toEqual(["one\ntwo\n", true, 8]);
    const dir = tempDir();
    const fingerprints = new Fingerprints({ cacheDir: join(dir, "cache") });
    await Promise.all([fingerprints.settle([file]), fingerprints.settle([new File(url)])]);
    const gets = asked.filter(({ method }) => method === "GET").length;
    expect(gets).toBe(2);
    expect(await file.text()).toBe("one\ntwo\n");
    const staged = await stage([file.with()], dir, { how: "symlink" });
    expect(staged.pathOf(file)).toBe("reads.fq");
    expect(readFileSync(join(dir, "reads.fq"), "utf8")).toBe("one\ntwo\n");
    expect(existsSync(localPath(file)!)).toBe(true);
    const published = await new File(url).publish(join(dir, "out.fq"));
    expect(await published.text()).toBe("one\ntwo\n");
    expect(await fingerprints.firstChanged([file])).toBeUndefined();
  });

  it("is missing when the server says so", async () => {
    const { url } = await serve((_request, response) => void response.writeHead(404).end());
    expect(await new File(url).exists()).toBe(false);
    await expect(new File(url).text()).rejects.toMatchObject({ code: "LIGASE_E_FETCH" });
    await expect(new File(url).publish(join(tempDir(), "x"))).rejects.toMatchObject({ code: "LIGASE_E_FETCH" });
  });
});
