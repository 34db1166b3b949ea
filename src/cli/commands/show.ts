import type { TaskRow } from "../../store/types.ts";
import { findByIdOrTask } from "../find.ts";
import { withRecord } from "../../record/open.ts";
import { storedValue } from "../../record/stored-value.ts";
import type { Paint } from "../terminal/terminal.ts";
import { defineCommand, STORE } from "./command.ts";
import { showJob, showRun } from "./log.ts";

/** `ligase show` */
export const show = defineCommand(
  {
    usage: "show <run, job, task or value>",
    about: ["Prints a run as a tree, a job in full, the recorded code of a task, or a value by its hash."],
    examples: ["ligase show 7k2m9q", "ligase show align", "ligase show 4f1c0d…"],
    options: { json: { type: "boolean", doc: "print JSON" }, ...STORE },
  },
  { least: 1, most: 1 },
  ({ options: { json, store: folder }, words }, terminal) =>
    withRecord(folder, async (record) => {
      const { store } = record;
      const what = words[0]!;
      const value = /^[0-9a-f]{40}$/.test(what) ? (await store.findValues([what])).get(what) : undefined;
      if (value !== undefined) {
        terminal.out(json ? value : JSON.stringify(storedValue(value, record), null, 2));
        return 0;
      }
      const versions = (await store.listTasks()).filter((task) => task.name === what);
      if (versions.length > 0) {
        const newestFirst = versions.toSorted((a, b) => b.createdAt - a.createdAt);
        if (json) terminal.out(JSON.stringify(newestFirst));
        else for (const line of taskLines(newestFirst, terminal.styleOut)) terminal.out(line);
        return 0;
      }
      const found = await findByIdOrTask(store, what, "run, job, task or value");
      if (found.kind === "run") await showRun(record, found.run, { json }, terminal);
      else await showJob(record, found.job, json, terminal);
      return 0;
    }),
);

function taskLines(versions: readonly TaskRow[], paint: Paint): string[] {
  const { name, file, line, doc, code } = versions[0]!;
  const place = file === "" ? "part of Ligase" : `${file}:${line}`;
  const count = versions.length === 1 ? "1 version" : `${versions.length} versions`;
  return [`${paint("strong", name)}  ${place}  ${count}`, ...[doc, code].filter((text) => text !== "")];
}
