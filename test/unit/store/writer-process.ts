/**
 * A process that writes to a store, for tests that kill it or set it against others.
 *
 *     node writer-process.ts <what> <store> <name> [count]
 *
 * `batches` commits batches until `count` is reached and appends the number of each to
 * `<store>/<name>.announced` once it is durable. `claims` claims `count` calls one by one in an
 * order of its own, and writes those it got to `<store>/<name>.claimed`. `open` opens the store
 * and closes it.
 */
import { appendFileSync, closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../../src/store/index.ts";
import { batchOf } from "./batches.ts";
import * as rows from "./rows.ts";

const [what, dir = "", name = "", count = "Infinity", writer = "auto"] = process.argv.slice(2);
if (process.send) {
  // Started together with others: all wait for one word.
  const go = new Promise((resolve) => process.once("message", resolve));
  process.send("ready");
  await go;
  process.disconnect();
}
const store = await openStore(dir, {
  inlineChars: 1000,
  writer: writer === "thread" || writer === "inline" ? writer : "auto",
});

if (what === "batches") {
  const side = openSync(join(dir, `${name}.announced`), "a");
  for (let i = 0; i < Number(count); i++) {
    await store.commit(batchOf(name, i));
    appendFileSync(side, `${i}\n`);
  }
  closeSync(side);
} else if (what === "claims") {
  await store.registerEngine(rows.engine({ id: name }));
  const order = Array.from({ length: Number(count) }, (_, i) => `call ${i}`).sort(() => Math.random() - 0.5);
  const got: string[] = [];
  for (const call of order) if ((await store.claim(name, [call])).size === 0) got.push(call);
  writeFileSync(join(dir, `${name}.claimed`), JSON.stringify(got));
}
await store.close();
