import { existsSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type LinkOptions, type LinkTarget, openLinks, storeOfOutput } from "../../files/links/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { findFile } from "../../record/lineage/index.ts";
import { type ProjectRecord, withRecord } from "../../record/open.ts";
import { storedFiles } from "../../record/stored-files.ts";
import { type Found, findByIdOrTask, newestRun } from "../find.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE } from "./command.ts";

/** `ligase link` */
export const link = defineCommand(
  {
    usage: "link [run, job, task or file] [name or field]",
    about: [
      "Prints links to what a job or a run (the newest by default) gave, a line each: to its outputs, or, where it has none, to the files in its result. A name or a field picks some of them. A file that a task of this store left may be named by its path.",
      "A link opens in a browser, for whoever can reach ligase serve, until it ends.",
    ],
    examples: [
      "ligase link",
      "ligase link plasmidMap --expires 1h",
      "ligase link 3wq8z1 bam --download",
      "ligase link align bam | xargs samtools view -H",
    ],
    options: {
      expires: { type: "text", value: "<time>", doc: 'how long it is good: "1h", "7d" (a day)' },
      download: { type: "boolean", doc: "save it, in place of opening it" },
      ...JSON_OUT,
      ...STORE,
    },
  },
  { most: 2 },
  ({ options, words: [word, part] }, terminal) =>
    withRecord(options.store, async (record) => {
      const isPath = word !== undefined && word.includes("/") && existsSync(word);
      const targets = isPath ? [await recordedFile(record, word)] : await targetsOf(record, word, part);
      const links = openLinks(record.storeDir, record.server);
      if (links.server === undefined) {
        throw new LigaseError("LIGASE_E_NO_SERVER", "nobody serves this store, so there are no links", {
          mend: "start ligase serve in another terminal, or set server.url in the configuration",
        });
      }
      const wanted: LinkOptions = {
        download: options.download,
        // A number alone is seconds.
        ...(options.expires !== undefined && {
          expires: /^\d+$/.test(options.expires) ? Number(options.expires) : options.expires,
        }),
      };
      const made = targets.map((target) => ({ name: target.name, url: links.link(target, wanted) }));
      if (printJson(options, made, terminal)) return 0;
      for (const { url } of made) if (url !== undefined) terminal.out(url);
      return 0;
    }),
);

/** The outputs in a result; where there are none, the files of the store in it. */
async function targetsOf(
  record: ProjectRecord,
  word: string | undefined,
  part: string | undefined,
): Promise<readonly LinkTarget[]> {
  const { store } = record;
  const found: Found =
    word === undefined ? { kind: "run", run: await newestRun(store) } : await findByIdOrTask(store, word);
  const hash = found.kind === "run" ? found.run.resultValue : (await store.getCall(found.job.call))?.resultValue;
  const text = hash ? (await store.findValues([hash])).get(hash) : undefined;
  const files = storedFiles(text ?? "null").filter(({ isDir, path }) => !isDir && path.startsWith("ligase:outputs/"));
  const outputs = files.filter(({ isOutput }) => isOutput);
  const all = outputs.length > 0 ? outputs : files;
  const wanted = all.filter(
    ({ at, name }) =>
      part === undefined ||
      name === part ||
      at === part ||
      (/^[.[]/.test(at.slice(part.length)) && at.startsWith(part)),
  );
  const targets = wanted.flatMap(({ hash: content, name, mediaType }) =>
    content === undefined ? [] : { hash: content, name, mediaType },
  );
  if (targets.length > 0) return targets;
  const what = word ?? "the newest run";
  throw usageError(
    "LIGASE_E_LINK",
    part === undefined
      ? `the result of ${what} has no file in it that a task left`
      : `${what} gave nothing called ${part}`,
    all.length > 0 && part !== undefined
      ? `there are ${[...new Set(all.map(({ at, name }) => at || name))].slice(0, MOST_NAMES).join(", ")}`
      : "hand a file out with output(…), or name its path",
  );
}

/** So many are named. */
const MOST_NAMES = 10;

/** A file that a task of this store left, by where it is. */
async function recordedFile(record: ProjectRecord, word: string): Promise<LinkTarget> {
  const path = realpathSync(resolve(word));
  const isOurs = storeOfOutput(path) === realpathSync(record.storeDir);
  const { hash, isDir, by } = await findFile(record, path);
  if (isOurs && !isDir && by === "content") return { hash, name: basename(path) };
  throw usageError(
    "LIGASE_E_LINK",
    `${word} has no link: it is ${isDir ? "a folder" : "no file that a task of this store left"}`,
    isDir ? "hand it out as a zip file: output(…) in its task" : "ligase outputs lists what has one",
    { path },
  );
}
