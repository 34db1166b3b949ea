import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { type Project, project, type Started } from "./project.ts";

const FILES = {
  "reads.txt": "ACGT",
  "workflow.ts": `
import { mkdirSync, writeFileSync } from "node:fs";
import { appendFileSync } from "node:fs";
import { type File, Output, output, script, task } from "ligase";

const note = (what: string) => appendFileSync(process.env.LEDGER!, what + "\\n");
export const inline = task(async (title: string) => {
  note("inline");
  return Output.write("map.svg", '<svg xmlns="http://www.w3.org/2000/svg"><title>' + title + "</title></svg>");
});
export const body = task({ cpu: 0.5 }, async () => {
  note("body");
  writeFileSync("page.html", "<p>page</p>");
  mkdirSync("plots");
  writeFileSync("plots/a.txt", "a");
  return { page: output("page.html"), plots: output("plots/") };
});
export const shell = task((reads: File) => script({ outputs: { table: output("table.tsv"), bam: "x.bam" } })\`
  printf 'a\\tb\\n' > table.tsv; cat \${reads} > x.bam\`);
export const size = task(async (file: File) => { note("size"); return (await file.text()).length; });
export const nothing = task(() => 1);
export const main = task((reads: File) => {
  const map = inline("pUC19");
  return { map, made: body(), shell: shell(reads), size: size(map) };
});
`,
};

function start(): Project {
  const p = project(FILES);
  p.write("ledger", "");
  process.env["LEDGER"] = p.path("ledger");
  return p;
}

/** Starts the server of a project; answers its address. */
async function serve(p: Project, ...flags: string[]): Promise<{ readonly url: string; readonly server: Started }> {
  const server = p.start(["serve", "--port", "0", ...flags]);
  await server.printed(" at http");
  return { server, url: / at (http:\/\/\S+)/.exec(server.said())![1]! };
}

interface Shown {
  readonly name: string;
  readonly path: string;
  readonly url: string | null;
  readonly size: number;
  readonly hash: string;
  readonly mediaType: string;
  readonly task: string;
}

const main = ["run", "workflow.ts", "main", "--reads", "reads.txt", "--quiet"];

describe("outputs", () => {
  it("of bodies here and in workers, and of scripts, are kept, cached, and taken wherever a File is", async () => {
    const p = start();
    const result = await p.json<{ map: Shown; made: { plots: Shown }; shell: { table: Shown; bam: string } }>(...main);
    expect(result).toMatchObject({
      map: { name: "map.svg", mediaType: "image/svg+xml", url: null, size: 66 },
      made: { page: { name: "page.html" }, plots: { name: "plots.zip", mediaType: "application/zip" } },
      shell: { table: { name: "table.tsv", size: 4 }, bam: expect.stringMatching(/x\.bam$/) as string },
      size: 66,
    });
    expect(p.read(result.map.path)).toContain("<title>pUC19</title>");
    expect(p.read("ledger").trim().split("\n").toSorted()).toEqual(["body", "inline", "size"]);
    expect(await p.json(...main)).toEqual(result);
    expect(p.read("ledger").trim().split("\n")).toHaveLength(3);
    // A cached output counts only while it is what it was.
    writeFileSync(p.path(result.map.path), "tampered");
    rmSync(p.path(result.made.plots.path));
    expect(await p.json(...main)).toEqual(result);
    expect(p.read("ledger").trim().split("\n").toSorted()).toEqual(["body", "body", "inline", "inline", "size"]);
    expect(p.read(result.map.path)).toContain("<title>pUC19</title>");
  });

  it("are shown with their paths, and how they are opened, while nobody serves them", async () => {
    const p = start();
    expect(await p.ok("run", "workflow.ts", "inline", "--title", "x", "--quiet")).toMatch(
      /^\.ligase\/outputs\/\w\w\/\w{40}\/map\.svg\n$/,
    );
    expect(await p.ok("outputs")).toMatch(
      /^map\.svg {2}62 B, image\/svg\+xml, inline \w{8}\n {2}\.ligase\/outputs\/\S+\/map\.svg\nligase serve opens/,
    );
    expect(await p.ok("log", "@")).toMatch(/map\.svg.*\n {4}\.ligase\/outputs/);
    expect(await p.ok("show", "--task", "inline")).toMatch(/outputs\n {4}map\.svg.*\n {6}\.ligase\/outputs/);
    expect(await p.ok("cat", "@")).toContain("<title>x</title>");
    expect(await p.json("outputs")).toMatchObject([{ name: "map.svg", url: null, task: "inline", at: "" }]);
    const { code, stderr } = await p.run("link");
    expect([code, stderr]).toEqual([1, expect.stringContaining("ligase serve") as string]);
    await p.ok("run", "workflow.ts", "nothing", "--quiet");
    expect((await p.run("outputs")).stderr).toMatch(/^run \w{8} of nothing handed out nothing/);
    expect((await p.run("link")).stderr).toContain("no file in it that a task left");
  });

  it("have links while they are served, made anew each time", async () => {
    const p = start();
    await p.ok(...main);
    const { url } = await serve(p);
    expect(await p.ok("run", "workflow.ts", "inline", "--title", "pUC19", "--quiet")).toMatch(
      new RegExp(`^${url}/files/[0-9a-f]{64}/map\\.svg\\?expires=\\d+&signature=[\\w-]{43}\n$`),
    );
    const shown = await p.json<Shown[]>("outputs", "@~1");
    expect(shown.map(({ name, task }) => `${name} ${task}`).toSorted()).toEqual([
      "map.svg inline",
      "page.html body",
      "plots.zip body",
      "table.tsv shell",
    ]);
    for (const { url: link, size } of shown) expect((await (await fetch(link!)).arrayBuffer()).byteLength).toBe(size);
    const cat = JSON.parse(await p.ok("cat", "@~1", "shell")) as { table: string; bam: string };
    expect([await (await fetch(cat.table)).text(), cat.bam]).toEqual(["a\tb\n", expect.stringMatching(/^\.ligase/)]);
    expect(await p.ok("log", "@~1")).toContain(`${url}/files/`);
    expect(await p.ok("show", "--task", "body")).toContain(`${url}/files/`);
    // Nothing that is stored has a link in it.
    const { stdout } = await p.run("show", shown[0]!.hash);
    expect(stdout).not.toContain("signature=");
    expect(await p.ok("cat", "@~1:args")).not.toContain("signature=");
    const report = await p.ok("report", "@~1", "--out", "-");
    expect([report.includes("signature="), report.includes("ligase outputs")]).toEqual([false, true]);
    const facts = await p.json<{ files: { outputs: { files: { path: string; isOutput: boolean }[] } } }>(
      "report",
      "@~1",
    );
    expect(facts.files.outputs.files.filter(({ isOutput }) => isOutput)).toHaveLength(4);
  });

  it("link picks what is wanted, also files that were not handed out", async () => {
    const p = start();
    await p.ok(...main);
    await serve(p);
    const links = async (...words: string[]) => (await p.ok("link", ...words)).trim().split("\n");
    expect((await links()).map((link) => /\/([^/]+)\?/.exec(link)![1])).toEqual([
      "page.html",
      "plots.zip",
      "map.svg",
      "table.tsv",
    ]);
    expect(await links("body", "plots.zip")).toEqual([expect.stringContaining("/plots.zip?")]);
    expect(await links("@", "made.page", "--download")).toEqual([expect.stringContaining("&download=1&")]);
    expect(await links("@", "made")).toHaveLength(2);
    const [bam] = await p.json<{ shell: { bam: string } }>(...main).then(({ shell }) => links(shell.bam));
    expect(await (await fetch(bam!)).text()).toBe("ACGT");
    const fails = async (...words: string[]) => {
      const { code, stderr } = await p.run("link", ...words);
      return [code, stderr.split("\n")[0]];
    };
    expect(await fails("@", "nope")).toEqual([2, "error @ gave nothing called nope"]);
    expect(await fails("./reads.txt")).toEqual([2, expect.stringContaining("no file that a task of this store left")]);
    expect(await fails("--expires", "soon")).toEqual([1, expect.stringContaining("not a duration")]);
    expect(await fails("--expires", "9000d")).toEqual([1, expect.stringContaining("cannot be good for")]);
  });
});

describe("ligase serve", () => {
  it("answers links, parts of files, and nothing else", async () => {
    const p = start();
    await p.ok(...main);
    const { url } = await serve(p);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: "ok" });
    const [link] = (await p.ok("link", "inline")).trim().split("\n");
    const svg = await fetch(link!);
    expect([svg.status, svg.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
    const text = await svg.text();
    const part = await fetch(link!, { headers: { range: "bytes=5-9" } });
    expect([part.status, await part.text()]).toEqual([206, text.slice(5, 10)]);
    const head = await fetch(link!, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "66", ""]);
    expect((await fetch(link!, { headers: { "if-none-match": svg.headers.get("etag")! } })).status).toBe(304);
    for (const changed of [`${link}x`, link!.replace("map.svg", "map.html"), link!.replace(/expires=./, "expires=9")]) {
      expect((await fetch(changed)).status).toBe(403);
    }
    for (const path of ["/files/../../etc/passwd", "/files/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/files/%00"]) {
      expect(await raw(url, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 40[034]/,
      );
    }
    expect(await raw(url, `GET /health HTTP/1.1\r\nHost: evil.com\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 403/,
    );
    expect(await raw(url, "nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    const short = (await p.ok("link", "inline", "--expires", "1s")).trim();
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const late = await fetch(short);
    expect([late.status, await late.text()]).toEqual([410, expect.stringMatching(/^This link has expired: .*\n$/)]);
    rmSync(p.path(".ligase/outputs"), { recursive: true });
    expect((await fetch(link!)).status).toBe(410);
  });

  it("keeps its key and its address to itself, and takes the address back when it ends", async () => {
    const p = start();
    const { server } = await serve(p);
    const modes = ["link.key", "server.json"].map((name) => statSync(p.path(".ligase", name)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    expect(() => statSync(p.path(".ligase/server.json"))).toThrow("ENOENT");
    const again = await serve(p);
    again.server.child.kill("SIGINT");
    expect((await again.server.ended).code).toBe(0);
  });

  it("lets what is being sent end when it is to end", async () => {
    const p = project({
      "workflow.ts": `
        import { script, task, output } from "ligase";
        export const main = task(() => script({ outputs: output("large.bin") })\`head -c 64000000 /dev/zero > large.bin\`);
      `,
    });
    await p.ok("run", "workflow.ts", "--quiet");
    const { server } = await serve(p);
    const answer = await fetch((await p.ok("link")).trim());
    const reader = answer.body!.getReader();
    let bytes = (await reader.read()).value!.length;
    server.child.kill("SIGTERM");
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) bytes += piece.value.length;
    expect(bytes).toBe(64_000_000);
    expect((await server.ended).code).toBe(0);
  });

  it("is known by its links again after it was started anew, and whoever killed it left nothing that misleads", async () => {
    const p = start();
    await p.ok(...main);
    const first = await serve(p);
    const link = (await p.ok("link", "inline")).trim();
    first.server.child.kill("SIGKILL");
    await first.server.ended;
    expect((await p.run("link", "inline")).stderr).toContain("nobody serves this store");
    const second = await serve(p);
    expect((await fetch(link.replace(first.url, second.url))).status).toBe(200);
    // The key of another store signs other links.
    const other = start();
    await other.ok(...main);
    await serve(other);
    const foreign = (await other.ok("link", "inline")).trim();
    expect((await fetch(foreign.replace(new URL(foreign).origin, second.url))).status).toBe(403);
  });

  it("tells of requests when asked to, and warns who opens it to others", async () => {
    const p = start();
    const { url, server } = await serve(p, "--verbose", "--host", "0.0.0.0");
    expect(server.said()).toContain("warning others can reach this server");
    await fetch(`http://127.0.0.1:${new URL(url).port}/health?signature=hidden`);
    await server.printed('"path":"/health","status":200');
    expect(server.said()).not.toContain("hidden");
  });

  it("says in one line what is wrong with its port or address", async () => {
    const p = start();
    const { url } = await serve(p);
    const says = async (...flags: string[]) => {
      // A store has one server.
      const { code, stderr } = await p.run("serve", "--store", "other", ...flags);
      return [code, stderr.split("\n")[0]];
    };
    const { port } = new URL(url);
    expect(await says("--port", port)).toEqual([1, `error port ${port} is taken`]);
    expect(await says("--port", "70000")).toEqual([2, "error --port 70000 is no port"]);
    expect(await says("--port", "0", "--host", "203.0.113.7")).toEqual([
      1,
      "error 203.0.113.7 is no address of this machine",
    ]);
  });

  it("gives links the address that the configuration says", async () => {
    const p = start();
    p.write("ligase.config.json", JSON.stringify({ server: { url: "https://ligase.example.org/x/", links: "1h" } }));
    await p.ok(...main);
    const link = (await p.ok("link", "inline")).trim();
    expect(link).toMatch(/^https:\/\/ligase\.example\.org\/x\/files\//);
    const left = Number(new URL(link).searchParams.get("expires")) - Date.now() / 1000;
    expect(left > 3000 && left <= 3601).toBe(true);
  });
});

/** What a server answers to bytes that no client would send. */
function raw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

it("the record in the folder of a store has no link in it", async () => {
  const p = start();
  const { url } = await serve(p);
  await p.ok(...main);
  for (const file of ["store.db", "store.db-wal"]) {
    const bytes = readFileSync(p.path(".ligase", file), "latin1");
    expect([file, bytes.includes("signature="), bytes.includes(url)]).toEqual([file, false, false]);
  }
});
