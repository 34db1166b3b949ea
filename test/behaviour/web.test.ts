import { type IncomingMessage, request, type RequestOptions, type Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { WebTarget } from "../../src/endpoints/pool/types.ts";
import type { LiveEndpoint } from "../../src/endpoints/index.ts";
import { LigaseError } from "../../src/kernel/index.ts";
import { type Managed, manage } from "../support/managed.ts";
import {
  type Deployed,
  deployed,
  removeDeployed,
  type Started,
  startWorker,
} from "../unit/endpoints/worker-process.ts";
import { tempDir } from "../unit/files/temp-dir.ts";
import { project } from "./project.ts";
import { Served } from "./served.ts";

const APP = `
import { web } from "ligase";
let aborted = 0;
const app = {
  async fetch(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    switch (pathname) {
      case "/echo":
        return new Response(request.body, { headers: { "content-type": request.headers.get("content-type") ?? "" } });
      case "/events": {
        const text = new TextEncoder();
        request.signal.addEventListener("abort", () => aborted++);
        let n = 0;
        return new Response(new ReadableStream({
          async pull(controller) {
            if (n > 0) await new Promise((resolve) => setTimeout(resolve, 5));
            controller.enqueue(text.encode("data: " + n++ + "\\n\\n"));
          },
        }), { headers: { "content-type": "text/event-stream" } });
      }
      case "/aborted": return Response.json(aborted);
      case "/silent": return new Promise(() => {});
      case "/dies": process.exit(3);
      case "/throws": throw new Error("a defect");
      case "/login": return new Response(null, { status: 302, headers: [["location", "/in?x=1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
      case "/away": return new Response(null, { status: 302, headers: { location: "https://example.org/" } });
      case "/none": return new Response(null, { status: 204 });
    }
    return Response.json({ method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers) });
  },
};
export const site = web(app, { onStart: () => console.log("started") });
export const plain = web((request) => new Response("plain " + new URL(request.url).pathname));
`;

let app: Deployed;
beforeAll(async () => {
  app = await deployed({ "app.ts": APP });
});
afterAll(() => removeDeployed(app));

/** A server with one web app, whose workers the test plays; and how it is asked. */
interface Site {
  readonly managed: Managed;
  readonly url: string;
  /** Who is asked for the next request. */
  acquire: (signal: AbortSignal) => Promise<WebTarget["at"]>;
  /** Requests that a worker has now. */
  open: number;
}

async function serve(fields: Partial<LiveEndpoint> = {}): Promise<Site> {
  const managed = await manage(tempDir());
  managed.deploy("site", { kind: "web", public: true, requestTimeout: 20_000, ...fields });
  const server = createAdaptorServer({ fetch: managed.app.fetch, overrideGlobalObjects: false }) as Server;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await managed.close();
  });
  const { port } = server.address() as AddressInfo;
  const site: Site = {
    managed,
    url: `http://127.0.0.1:${port}`,
    acquire: () => Promise.reject(new Error("no worker")),
    open: 0,
  };
  managed.services.pools.acquire = async (_, signal) => {
    const at = await site.acquire(signal);
    site.open += 1;
    let isOver = false;
    const release = (): void => {
      if (!isOver) site.open -= 1;
      isOver = true;
    };
    return { worker: "w1", at, release };
  };
  return site;
}

/** The same with a real worker of an export. */
async function serveApp(fields?: Partial<LiveEndpoint>, name = "site"): Promise<Site & { readonly worker: Started }> {
  const listen = join(tempDir(), "s");
  const worker = await startWorker(app, name, { program: { kind: "web", bundle: app.bundle, export: name, listen } });
  const site = await serve(fields);
  site.acquire = async () => {
    // As pools do: it is ready when its socket is open.
    while (!(await isOpen(listen))) await new Promise((resolve) => setTimeout(resolve, 10));
    return { socketPath: listen };
  };
  return Object.assign(site, { worker });
}

async function isOpen(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    request({ socketPath, path: "/none", agent: false }, (answer) => {
      answer.resume();
      resolve(true);
    })
      .on("error", () => resolve(false))
      .end();
  });
}

/** A request, with its answer as it begins. */
function ask(url: string, options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...options }, resolve)
      .on("error", reject)
      .end(body);
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of answer.setEncoding("utf8")) text += String(piece);
  return text;
}

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a request to a web app", () => {
  test("reaches it as it is, with where it came from and without what is of the connection", async () => {
    const { url } = await serveApp();
    const headers = {
      "X-One": "1",
      "X-Secret-Hop": "no",
      Connection: "close, X-Secret-Hop",
      "X-Forwarded-For": "203.0.113.7",
      Authorization: "Basic mine",
      TE: "trailers",
    };
    const answer = await ask(`${url}/web/site/a%20b/c%2Fd?x=1&y=%C3%BC`, { method: "DELETE", headers });
    expect([answer.statusCode, JSON.parse(await textOf(answer))]).toEqual([
      200,
      {
        method: "DELETE",
        path: "/a%20b/c%2Fd?x=1&y=%C3%BC",
        headers: {
          host: new URL(url).host,
          "x-one": "1",
          authorization: "Basic mine",
          connection: "keep-alive",
          "x-forwarded-for": "203.0.113.7, 127.0.0.1",
          "x-forwarded-host": new URL(url).host,
          "x-forwarded-proto": "http",
          "x-forwarded-prefix": "/web/site",
        },
      },
    ]);
  });

  test("streams both ways", async () => {
    const site = await serveApp();
    const sending = request(`${site.url}/web/site/echo`, { method: "POST", headers: { "content-type": "text/x" } });
    sending.write("one ");
    const [answer] = (await once(sending, "response")) as [IncomingMessage];
    expect(answer.headers["content-type"]).toBe("text/x");
    const pieces = answer.setEncoding("utf8")[Symbol.asyncIterator]();
    // What was sent comes back before the rest is.
    expect((await pieces.next()).value).toBe("one ");
    sending.write("two ");
    expect((await pieces.next()).value).toBe("two ");
    expect(site.open).toBe(1);
    sending.end("three");
    expect((await pieces.next()).value).toBe("three");
    expect((await pieces.next()).done).toBe(true);
    await until(() => site.open === 0);
  });

  test("that is large comes back whole", async () => {
    const { url } = await serveApp();
    const body = "0123456789".repeat(300_000);
    const answer = await fetch(`${url}/web/site/echo`, { method: "POST", body });
    expect((await answer.text()) === body).toBe(true);
  });

  test("ends where it is answered when who asked hangs up", async () => {
    const site = await serveApp();
    const answer = await ask(`${site.url}/web/site/events`);
    const [piece] = (await once(answer.setEncoding("utf8"), "data")) as [string];
    expect(piece).toMatch(/^data: 0/);
    answer.destroy();
    await until(() => site.open === 0);
    for (let count = 0; count === 0;) count = (await (await fetch(`${site.url}/web/site/aborted`)).json()) as number;
    // So does one that waits for its answer, and one that waits for a worker.
    const silent = request(`${site.url}/web/site/silent`).on("error", () => {});
    silent.end();
    await until(() => site.open === 1);
    silent.destroy();
    await until(() => site.open === 0);
    let gaveUp = false;
    site.acquire = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          gaveUp = true;
          reject(new LigaseError("LIGASE_E_NO_WORKER", "given up"));
        });
      });
    const waiting = request(`${site.url}/web/site/`).on("error", () => {});
    waiting.end();
    setTimeout(() => waiting.destroy(), 50);
    await until(() => gaveUp);
  });

  test("is led to the app's own folder, and cookies stay apart", async () => {
    const { url } = await serveApp();
    const bare = await ask(`${url}/web/site?x=1`);
    expect([bare.statusCode, bare.headers.location]).toEqual([308, "/web/site/?x=1"]);
    const login = await ask(`${url}/web/site/login`);
    expect([login.statusCode, login.headers.location]).toEqual([302, "/web/site/in?x=1"]);
    expect(login.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    // What a browser is to do is said by the app alone.
    expect([login.headers["referrer-policy"], login.headers["x-content-type-options"]]).toEqual([undefined, undefined]);
    expect((await ask(`${url}/web/site/away`)).headers.location).toBe("https://example.org/");
    const head = await ask(`${url}/web/site/x`, { method: "HEAD" });
    expect([head.statusCode, Number(head.headers["content-length"]) > 0, await textOf(head)]).toEqual([200, true, ""]);
    expect((await ask(`${url}/web/site/none`)).statusCode).toBe(204);
    const climbing = await ask(url, { path: "/web/site/../../api/v1/server" });
    expect(climbing.statusCode).toBe(401);
  });

  test("is answered by a plain function too", async () => {
    const { url } = await serveApp({}, "plain");
    expect(await (await fetch(`${url}/web/site/x/y`)).text()).toBe("plain /x/y");
  });
});

describe("who may not ask, or asks for what is not there", () => {
  test("is refused, and the key of the server is not handed on", async () => {
    const { url, managed } = await serveApp({ public: false });
    expect((await fetch(`${url}/web/site/`)).status).toBe(401);
    const answer = await fetch(`${url}/web/site/`, { headers: { Authorization: `Bearer ${managed.token}` } });
    const { headers } = (await answer.json()) as { readonly headers: Record<string, string> };
    expect([answer.status, headers["authorization"]]).toEqual([200, undefined]);
    const other = await managed.services.keys.create({ name: "other", verbs: ["read"], endpoints: ["fold"] });
    expect((await fetch(`${url}/web/site/`, { headers: { Authorization: other.key } })).status).toBe(403);
  });

  test("hears what is missing", async () => {
    const { url, managed } = await serve();
    managed.deploy("fold");
    const key = { Authorization: `Bearer ${managed.token}` };
    expect((await fetch(`${url}/web/none/`, { headers: key })).status).toBe(404);
    expect((await fetch(`${url}/web/fold/`, { headers: key })).status).toBe(404);
    const socket = await ask(`${url}/web/site/`, { headers: { Upgrade: "websocket", Connection: "Upgrade" } });
    expect(socket.statusCode).toBe(501);
    managed.deploy("site", { kind: "web", public: true, stopped: true });
    const stopped = await fetch(`${url}/web/site/`);
    expect([stopped.status, await stopped.text()]).toEqual([503, "The web app site is stopped.\n"]);
  });
});

describe("a web app that does not answer", () => {
  test("is 503 with the reason where there is no worker", async () => {
    const site = await serve();
    site.acquire = () =>
      Promise.reject(new LigaseError("LIGASE_E_NO_WORKER", "no worker of site is there: needs 2 GPUs, machine has 0"));
    const answer = await fetch(`${site.url}/web/site/`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await answer.text()).toBe("No worker of site is there: needs 2 GPUs, machine has 0.\n");
  });

  test("is 504 when its time is over", async () => {
    const site = await serveApp({ requestTimeout: 3000 });
    expect((await fetch(`${site.url}/web/site/`)).status).toBe(200);
    site.managed.deploy("site", { kind: "web", public: true, requestTimeout: 30 });
    const answer = await fetch(`${site.url}/web/site/silent`);
    expect([answer.status, await answer.text()]).toEqual([504, "The web app site did not begin to answer in 30ms.\n"]);
    await until(() => site.open === 0);
  });

  test("is 502 when its worker ends, and 500 when it throws", async () => {
    const site = await serveApp();
    expect((await fetch(`${site.url}/web/site/throws`)).status).toBe(500);
    const answer = await fetch(`${site.url}/web/site/dies`);
    expect([answer.status, site.open]).toEqual([502, 0]);
    expect(site.managed.warnings.join()).toContain("the web app site did not answer GET /web/site/dies");
    expect(site.worker.stdout()).toBe("started\n");
    expect(site.worker.stderr()).toContain("a defect");
  });

  test("is asked once more where it had only closed a kept connection", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      let requests = 0;
      socket
        .on("error", () => {})
        .on("data", () => {
          // The first is answered; the second finds that nobody is there any more.
          if (requests++ > 0) socket.destroy();
          else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const site = await serve();
    const { port } = server.address() as AddressInfo;
    site.acquire = () => Promise.resolve({ host: "127.0.0.1", port });
    for (let i = 0; i < 3; i++) expect(await (await fetch(`${site.url}/web/site/`)).text()).toBe("ok");
    expect(connections).toBe(3);
    // What has a body is sent once.
    expect((await fetch(`${site.url}/web/site/`, { method: "POST", body: "x" })).status).toBe(200);
  });
});

test("a web app is deployed, comes from nothing, and is asked", async () => {
  const lab = project({ "app.ts": APP });
  const served = await Served.start(lab);
  await served.deploy("app.ts");
  const headers = { Authorization: `Bearer ${served.token}` };
  const answer = await fetch(`${served.url}/web/site/x?y=1`, { headers });
  expect([answer.status, ((await answer.json()) as { path: string }).path]).toEqual([200, "/x?y=1"]);
  expect((await fetch(`${served.url}/web/site/x`)).status).toBe(401);
  await served.stop();
});
