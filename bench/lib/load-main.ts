/** The clients of `load.ts`: prints what they met as JSON. */
import { Agent, request } from "node:http";
import type { Load, LoadOptions } from "./load.ts";

const { url, token, clients, requests } = JSON.parse(process.argv[2] ?? "null") as LoadOptions;
const agent = new Agent({ keepAlive: true, maxSockets: clients });
const body = JSON.stringify({ input: { n: 1 } });
const headers = {
  Authorization: `Bearer ${token}`,
  "Content-Type": "application/json",
  "Content-Length": Buffer.byteLength(body),
};

function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { method: "POST", agent, headers }, (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (answer += part));
      response.on("end", () => resolve(answer));
      response.on("error", reject);
    })
      .on("error", reject)
      .end(body);
  });
}

const times: number[] = [];
let asked = 0;
async function client(): Promise<void> {
  while (asked < requests) {
    asked++;
    const begun = performance.now();
    const answer = await ask();
    times.push(performance.now() - begun);
    if (!answer.includes('"COMPLETED"')) throw new Error(answer);
  }
}

const begun = performance.now();
await Promise.all(Array.from({ length: clients }, client));
const seconds = (performance.now() - begun) / 1000;
times.sort((a, b) => a - b);
const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
const met: Load = { seconds, requests: times.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
process.stdout.write(JSON.stringify(met));
agent.destroy();
