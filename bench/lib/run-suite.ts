/** Runs one suite in this process and writes its report: `node run-suite.ts <suite> <out> <rounds> <shrink>`. */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { conditions } from "./machine.ts";
import { reportOf } from "./report.ts";
import type { Suite } from "./suite.ts";

const [path, out, rounds, shrink] = process.argv.slice(2);
const { suite } = (await import(pathToFileURL(path!).href)) as { suite: Suite };
const results = await suite.measure({ rounds: Number(rounds), shrink: Number(shrink) });
writeFileSync(out!, JSON.stringify(reportOf(suite, results, conditions())));
