// Tasks and functions of any parameters can be endpoints; their options are checked.
import { endpoint, type Endpoint, Image, progress, task, volume, web, type WebApp } from "ligase";
import { type Equal, is } from "./expect.ts";
import { depth, merge, trim } from "./fixtures.ts";

const fold = endpoint(trim, { maxWorkers: 3, idleTimeout: "60s", gpu: 1, scaler: { queueDelay: 4 } });
is<Equal<typeof fold, Endpoint>>();
endpoint(depth);
endpoint(merge, { scaler: { requestCount: 2 }, onStart: async () => {} });
// A generic one too.
endpoint(task(<T>(value: T): T => value));
endpoint(task((xs: readonly number[], { k = 31 }: { k?: number } = {}) => xs.length * k));

// Plain functions, async ones, generators.
endpoint((name: string, times = 1) => name.repeat(times));
endpoint(async ({ text }: { text: string }) => text.length, { volumes: { "/weights": volume("weights") } });
endpoint(async function* (text: string) {
  for (const word of text.split(" ")) {
    progress({ word });
    yield word;
  }
});
endpoint(function* (n: number) {
  yield n;
});
endpoint(<T>(value: T): T => value);
endpoint(() => 1, { image: Image.debian("12"), secrets: ["TOKEN"], env: { A: "b" } });

// Somebody else's worker.
endpoint({ command: ["python", "-u", "handler.py"], image: Image.debian("12"), maxWorkers: 2 });
// @ts-expect-error a command has no hook of ours
endpoint({ command: ["python"], onStart: () => {} });
// @ts-expect-error nothing answers
endpoint({ maxWorkers: 2 });
// @ts-expect-error an unknown option
endpoint(depth, { workers: 3 });
// @ts-expect-error one scaler, not two
endpoint(depth, { scaler: { queueDelays: 4 } });
// @ts-expect-error no function
endpoint("fold");

const site = web({ fetch: (request: Request) => new Response(request.url) }, { public: true, concurrency: 10 });
is<Equal<typeof site, WebApp>>();
web((request: Request) => new Response(request.url));
web(async () => new Response("hello"));
web({ command: ["python3", "-m", "http.server", "$PORT"], healthPath: "/" });
// @ts-expect-error no answer
web(() => "hello");
// @ts-expect-error web apps are scaled by requests
web(async () => new Response(), { scaler: { requestCount: 1 } });
