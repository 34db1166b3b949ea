// A small worker of RunPod's kind, without its package: takes jobs and does what they say.
import { request } from "node:http";
import { writeSync } from "node:fs";

const { env } = process;
const { RUNPOD_WEBHOOK_GET_JOB, RUNPOD_WEBHOOK_POST_OUTPUT, RUNPOD_WEBHOOK_PING, RUNPOD_POD_ID } = env;
const [how = ""] = process.argv.slice(2);

const call = (method, url, body) =>
  new Promise((resolve, reject) => {
    const headers = { authorization: env.RUNPOD_AI_API_KEY };
    const asked = request(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    asked.on("error", reject).end(body);
  });

const fill = (url, id) => url.replace("$ID", id).replace("$RUNPOD_POD_ID", RUNPOD_POD_ID);
const done = (id, body) => call("POST", fill(RUNPOD_WEBHOOK_POST_OUTPUT, id), JSON.stringify(body));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function answer({ id, input }) {
  switch (input.do) {
    case "die":
      console.error("Error: it has had enough");
      process.exit(3);
      break;
    case "block":
      for (;;);
    case "wait":
      await sleep(input.ms);
      break;
    case "flood": {
      const block = Buffer.alloc(1 << 20, "x".repeat(99) + "\n");
      for (let i = 0; i < input.mib; i++) writeSync(1, block);
      break;
    }
    case "eat": {
      const eaten = [];
      for (;;) eaten.push(Buffer.alloc(16 << 20, eaten.length + 1));
    }
  }
  return done(id, {
    output: { worker: RUNPOD_POD_ID, version: env.VERSION ?? "", pid: process.pid, secret: env.TOKEN },
  });
}

if (how === "broken") throw new TypeError("it cannot be");
if (how === "silent") await sleep(1 << 30);
if (how === "says") console.log(`the secret is ${env.TOKEN}`);
setInterval(() => void call("GET", fill(RUNPOD_WEBHOOK_PING, "")).catch(() => {}), 100).unref();

for (;;) {
  const { status, text } = await call("GET", fill(RUNPOD_WEBHOOK_GET_JOB, RUNPOD_POD_ID));
  if (status === 200) await answer(JSON.parse(text));
  else if (status !== 204) process.exit(9);
}
