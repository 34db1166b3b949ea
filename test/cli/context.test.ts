import { createServer, type IncomingMessage, type Server } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, project, type Project } from "./project.ts";

/** A server that knows one key. */
let server: Server;
let url: string;
const asked: IncomingMessage[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    const isKnown = request.headers.authorization === "Bearer lk_right";
    response.writeHead(isKnown ? 200 : 401, { "Content-Type": "application/json" });
    const error = { code: "LIGASE_E_KEY", message: "this key opens nothing" };
    response.end(JSON.stringify(isKnown ? { version: "1", url, storeDir: "/store" } : { error }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});

afterAll(() => server.close());

/** A user with contexts of their own. */
class Home {
  readonly p: Project = project();

  context(argv: readonly string[], stdin = "", env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const clean = { XDG_CONFIG_HOME: this.p.path("home"), LIGASE_CONTEXT: undefined, LIGASE_API_KEY: undefined };
    return this.p.start(["context", ...argv], { env: { ...clean, ...env }, stdin: Buffer.from(stdin) }).ended;
  }

  get file(): string {
    return this.p.path("home/ligase/contexts.json");
  }
}

describe.concurrent("ligase context", () => {
  it("adds with a key from stdin, lists without it, chooses, removes", async () => {
    const h = new Home();
    expect((await h.context(["ls"])).stderr).toContain("there are no contexts");
    expect(await h.context(["show"])).toMatchObject({ stdout: "local: the server of the project around here\n" });
    expect(await h.context(["add", "team", url], "lk_right\n")).toMatchObject({
      code: 0,
      stdout: "context team is added\n",
    });
    expect(statSync(h.file).mode & 0o777).toBe(0o600);
    expect(readFileSync(h.file, "utf8")).toContain("lk_right");
    expect(JSON.parse((await h.context(["ls", "--json"])).stdout)).toEqual([
      { name: "team", url, key: true, current: false },
    ]);
    expect((await h.context(["ls"])).stdout).not.toContain("lk_right");
    expect((await h.context(["use", "team"])).code).toBe(0);
    expect((await h.context(["show"])).stdout).toBe(`team  ${url}\n`);
    expect((await h.context(["show"], "", { LIGASE_CONTEXT: "local" })).stdout).toMatch(/^local/);
    expect((await h.context(["show"], "", { LIGASE_CONTEXT: "https://lab.example" })).stdout).toContain("lab.example");
    expect((await h.context(["rm", "team"])).code).toBe(0);
    expect((await h.context(["show"])).stdout).toMatch(/^local/);
    expect(readFileSync(h.file, "utf8")).not.toContain("lk_right");
  });

  it("keeps nothing of a server that does not know the key, or is not there", async () => {
    const h = new Home();
    const wrong = await h.context(["add", "team", url], "lk_wrong");
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("this key opens nothing");
    const away = await h.context(["add", "team", "http://127.0.0.1:1"], "lk_right");
    expect(away.stderr).toContain("LIGASE_E_NO_SERVER");
    expect(existsSync(h.file)).toBe(false);
    expect((await h.context(["add", "team", "http://127.0.0.1:1", "--no-check", "--no-key"])).code).toBe(0);
  });

  it("lets the key of the environment stand before its own", async () => {
    const h = new Home();
    await h.context(["add", "team", url, "--no-check", "--use"], "lk_wrong");
    const env = { XDG_CONFIG_HOME: h.p.path("home"), LIGASE_API_KEY: "lk_right" };
    await h.p.start(["endpoint", "ls"], { env }).ended;
    const request = asked.find((each) => each.url === "/api/v1/endpoints");
    expect(request?.headers.authorization).toBe("Bearer lk_right");
  });

  it.each([
    [["add", "local", "https://x.example"], "local"],
    [["add", "../x", "https://x.example"], "../x"],
    [["add", "x", "ftp://x.example"], "ftp://x.example"],
    [["add", "x", "https://ada:secret@x.example"], "no address of a server"],
    [["use", "team"], "there is no context team"],
    [["rm", "team"], "there is no context team"],
  ])("refuses %j", async (argv, says) => {
    const h = new Home();
    const ended = await h.context(argv);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("LIGASE_E_CONTEXT");
    expect(ended.stderr).toContain(says);
    expect(ended.stderr).not.toContain("secret");
  });

  it("says which name was meant, and what is wrong with the file", async () => {
    const h = new Home();
    await h.context(["add", "team", url, "--no-check", "--no-key"]);
    expect((await h.context(["use", "tean"])).stderr).toContain("did you mean team?");
    h.p.write("home/ligase/contexts.json", "{ no json");
    expect((await h.context(["ls"])).stderr).toContain(h.file);
  });

  it("takes no key as a word", async () => {
    const h = new Home();
    expect(await h.context(["add", "team", url, "lk_right"])).toMatchObject({ code: 2 });
    expect(existsSync(h.file)).toBe(false);
  });
});
