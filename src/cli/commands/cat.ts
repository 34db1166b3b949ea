import { existsSync } from "node:fs";
import { type Links, openLinks } from "../../files/links/index.ts";
import type { WrittenFile } from "../../files/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { outputsIn } from "../../record/outputs.ts";
import { parameterNames } from "../../record/parameter-names.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import { locate } from "../../record/stored-value.ts";
import { readPath, type ValuePart, valuePart } from "../../record/value-part.ts";
import type { JobRow } from "../../store/types.ts";
import { type Found, findSelected, newestSelected } from "../find.ts";
import { outputJson, placeOfOutput } from "../reports/output-lines.ts";
import { isSelective, readSelection, SELECTION } from "../selection.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, type JsonWanted, printJson, STORE } from "./command.ts";

/** `ligase cat` */
export const cat = defineCommand(
  {
    usage: "cat [run, job, task or value] [field]",
    about: [
      "Prints a result: text as it is, a file with its content, a folder as a list of its files, anything else as JSON. A field of it may be named, such as bam, samples[0].bam, or behind the id: 3wq8z1.bam. Of a job :args are its arguments, :stdout and :stderr what it wrote.",
      "A task stands for its newest job; without a word it is the newest run, or the newest job that is like what the flags say.",
    ],
    examples: [
      "ligase cat @",
      "ligase cat align bam > sample.bam",
      "ligase cat align.bam --input SRR1 | samtools flagstat -",
      "ligase cat 3wq8z1:stderr",
      "ligase cat 3wq8z1:args.reads",
      "ligase cat @ --json",
    ],
    options: { ...SELECTION, ...JSON_OUT, ...STORE },
  },
  { most: 2 },
  ({ options, words: [word, field = ""] }, terminal) => {
    const selection = readSelection(options);
    return withRecord(options.store, async (record) => {
      const { store } = record;
      if (word?.includes("/") && existsSync(word)) {
        const mend = `ligase lineage ${word} tells where it came from`;
        throw usageError("LIGASE_E_ID", `${word} is a file, and ligase cat prints what is recorded`, mend);
      }
      const [id, what, way] = await partsOf(word, record);
      const path = [...readPath(way), ...readPath(field)];
      if (id !== undefined && /^[0-9a-f]{40}$/.test(id)) {
        const text = (await store.findValues([id])).get(id);
        if (text !== undefined)
          return print(valuePart(text, path, record, [], shownOutput(record, options)), options, terminal);
      }
      let found = await findSelected(store, id, selection, "run, job, task or value");
      if (found.kind === "run" && id !== undefined && isSelective(selection)) {
        found = { kind: "job", job: await newestSelected(store, selection, found.run.id) };
      }
      if (what === "stdout" || what === "stderr") return printLog(record, found, what, terminal);
      if (what === "args") return print(await argumentsPart(record, found, path), options, terminal);
      return print(
        valuePart(await resultOf(record, found), path, record, [], shownOutput(record, options)),
        options,
        terminal,
      );
    });
  },
);

/** What stands for a file that was handed to people: a link, made now, or its path; for a program both. */
function shownOutput(record: ProjectRecord, { json, jsonl }: JsonWanted): (output: WrittenFile) => unknown {
  let links: Links | undefined;
  return (written) => {
    const text = JSON.stringify({ $: "output", v: written });
    const [output] = outputsIn(text, record);
    if (!output) return pathFrom(locate(written.path, record), process.cwd());
    links ??= openLinks(record.storeDir, record.server);
    return json || jsonl ? outputJson(output, links) : placeOfOutput(output, links);
  };
}

const PARTS = ["stdout", "stderr", "args"];

/** `3wq8z1:args.reads` → the id, the part of the job, and the way on from there. A task may have dots in its name. */
async function partsOf(
  word: string | undefined,
  { store }: ProjectRecord,
): Promise<[id: string | undefined, what: string | undefined, way: string]> {
  if (word === undefined) return [undefined, undefined, ""];
  const names = (await store.listTasks()).map(({ name }) => name).filter((name) => word.startsWith(name));
  const task = names
    .filter((name) => /^(?:[.[:]|$)/.test(word.slice(name.length)))
    .sort((a, b) => b.length - a.length)[0];
  const id = task ?? /^[^.[:]*/.exec(word)![0];
  const rest = word.slice(id.length);
  const named = /^:(\w*)(.*)$/.exec(rest);
  if (!named) return [id, undefined, rest];
  const [, what = "", way = ""] = named;
  if (!PARTS.includes(what)) {
    throw usageError(
      "LIGASE_E_NO_FIELD",
      `a job has no part :${what}`,
      `there are ${PARTS.map((part) => `:${part}`).join(", ")}`,
    );
  }
  return [id, what, way];
}

/** The text of the result of a run or job. */
async function resultOf({ store }: ProjectRecord, found: Found): Promise<string> {
  const { state } = found.kind === "run" ? found.run : found.job;
  const name = found.kind === "run" ? `run ${short(found.run.id)}` : `job ${short(found.job.id)} of ${found.job.task}`;
  const hash =
    found.kind === "run"
      ? found.run.resultValue
      : state === "done" || state === "cached"
        ? (await store.getCall(found.job.call))?.resultValue
        : undefined;
  const text = hash ? (await store.findValues([hash])).get(hash) : undefined;
  if (text !== undefined) return text;
  const id = found.kind === "run" ? found.run.id : found.job.id;
  const isOver = state === "done" || state === "cached";
  throw new LigaseError(
    "LIGASE_E_NO_RESULT",
    isOver ? `the result of ${name} is not recorded any more` : `${name} has no result: it is ${state}`,
    {
      mend: state === "failed" ? `ligase why ${short(id)}` : isOver ? "run it again" : `ligase show ${short(id)}`,
      facts: { id, state },
    },
  );
}

async function argumentsPart(record: ProjectRecord, found: Found, path: readonly string[]): Promise<ValuePart> {
  const { store } = record;
  const job = found.kind === "job" ? found.job : await rootOf(record, found.run.id);
  const text = (await store.findValues([job.argsValue])).get(job.argsValue) ?? "[]";
  const names = await parameterNames((await store.getTask(job.taskHash))?.code ?? "");
  return valuePart(text, path, record, names);
}

/** The job that a run began with. */
async function rootOf({ store }: ProjectRecord, run: string): Promise<JobRow> {
  const [root] = await store.listJobs({ run, parent: null, limit: 1 });
  if (root) return root;
  throw new LigaseError("LIGASE_E_NO_RESULT", `run ${short(run)} has no job that it began with`, {
    facts: { id: run },
  });
}

async function print({ data, place, bytes }: ValuePart, wanted: JsonWanted, terminal: Terminal): Promise<number> {
  if (printJson(wanted, data, terminal)) return 0;
  if (place) {
    const { printPlace } = await import("../reports/place.ts");
    await printPlace(place.path, place.kind, terminal);
  } else if (bytes) terminal.rawOut(bytes);
  else if (typeof data === "string") terminal.rawOut(data.endsWith("\n") ? data : `${data}\n`);
  else if (data !== undefined && data !== null) terminal.out(JSON.stringify(data, null, 2));
  return 0;
}

async function printLog(
  { store }: ProjectRecord,
  found: Found,
  stream: "stdout" | "stderr",
  terminal: Terminal,
): Promise<number> {
  if (found.kind === "run") {
    const id = short(found.run.id);
    throw usageError(
      "LIGASE_E_ID",
      `${id} is a run: many jobs wrote`,
      `ligase logs ${id} --${stream} prints all of it`,
    );
  }
  const [{ LogFollower }, { rawSink }] = [
    await import("../../project/logs/index.ts"),
    await import("../reports/log-lines.ts"),
  ];
  // What it wrote to either stream is the answer.
  const sink = rawSink({ ...terminal, raw: terminal.rawOut });
  const follower = new LogFollower(store, { run: found.job.run, job: found.job.id, streams: [stream] }, sink);
  await follower.pass();
  follower.end();
  return 0;
}
