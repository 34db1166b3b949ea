import type { Settings } from "../../config/index.ts";
import { formatBytes } from "../../kernel/index.ts";
import type { StoredEnvironment } from "../../images/types.ts";
import { pathFrom } from "../../record/path.ts";
import { readSettings, withRecord } from "../../record/open.ts";
import type { ImageRow } from "../../store/types.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import { ask, canAsk } from "../terminal/ask.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../usage-error.ts";
import { defineCommand, JSON_OUT, printJson, STORE, verbOf } from "./command.ts";

const OPTIONS = {
  update: { type: "boolean", doc: "build, lock: anew, from what archives and registries have today" },
  "older-than": { type: "text", value: "<time>", doc: "gc: what was not used for so long (30d): 12h, 90d" },
  caches: { type: "boolean", doc: "gc: downloaded packages, too" },
  network: { type: "boolean", doc: "shell: with the network" },
  verbose: { type: "boolean", short: "v", doc: "build, lock: show what the build prints" },
  "dry-run": { type: "boolean", short: "n", doc: "gc: only say what would go" },
  yes: { type: "boolean", short: "y", doc: "rm, gc: do not ask" },
  ...JSON_OUT,
  ...STORE,
} as const satisfies OptionSpecs;

type Options = OptionValues<typeof OPTIONS>;

const VERBS = ["ls", "build", "inspect", "rm", "gc", "shell", "lock"] as const;

/** What a verb is given. */
interface Call {
  readonly root: string;
  readonly settings: Settings;
  readonly options: Options;
  readonly words: readonly string[];
  readonly terminal: Terminal;
}

/** `ligase image` */
export const image = defineCommand(
  {
    usage: "image <ls|build|inspect|rm|gc|shell|lock> [workflow file or image]...",
    about: [
      "Environments that tasks run in. They are built when they are first needed, once for all projects of a user, and kept in a folder they share. build builds those of a workflow file, or of one task in it, beforehand; shell opens a shell in one.",
      "ls lists what is built, inspect tells what is in one: versions of all packages, variables, the digest of its contents. An image is named by the beginning of its identity.",
      "lock writes ligase.images.lock into the project: the exact packages of all images of a workflow, so that they are built the same next year. Without a file, those that runs here used. What is locked stays until lock --update.",
      "rm removes environments, gc those that were not used for a time and that no run recorded here needs; they are built again when they are asked for.",
    ],
    examples: [
      "ligase image ls",
      "ligase image build workflow.ts",
      "ligase image build workflow.ts:align --verbose",
      "ligase image inspect 7586627a5995 --json",
      "ligase image shell workflow.ts:align -- bwa",
      "ligase image lock workflow.ts",
      "ligase image gc --older-than 90d --dry-run",
    ],
    options: OPTIONS,
  },
  { least: 1, most: Infinity },
  async ({ options, words: [verb = "", ...words] }, terminal) => {
    const known = verbOf("image", VERBS, verb);
    const { root, settings } = await readSettings(options.store);
    return RUN[known]({ root, settings, options, words, terminal });
  },
);

const RUN: Readonly<Record<(typeof VERBS)[number], (call: Call) => Promise<number>>> = {
  ls,
  build,
  inspect,
  rm,
  gc,
  shell,
  lock,
};

function needWords({ words }: Call, verb: string, what: string): void {
  if (words.length > 0) return;
  throw usageError("LIGASE_E_FLAG", `ligase image ${verb} needs ${what}`, `usage: ligase image ${verb} ${what}`);
}

/** The environments that runs here were made in; none where nothing ran. */
async function recorded({ options }: Pick<Call, "options">): Promise<readonly ImageRow[]> {
  try {
    return await withRecord(options.store, ({ store }) => store.listImages());
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "LIGASE_E_NO_STORE") return [];
    throw error;
  }
}

/** Tells which environments runs here were made in. */
async function usedHere(call: Call): Promise<(stored: StoredEnvironment) => boolean> {
  const digests = new Set((await recorded(call)).map(({ digest }) => digest));
  return ({ environment }) => digests.has(environment.digest);
}

async function ls(call: Call): Promise<number> {
  const { settings, options, terminal } = call;
  const [{ listHeld }, { factsOf, listLines }] = await Promise.all([
    import("../images/stored.ts"),
    import("../images/show.ts"),
  ]);
  const here = await usedHere(call);
  const all = (await listHeld(settings)).map(({ stored }) => stored);
  if (
    printJson(
      options,
      all.map((stored) => factsOf(stored, here(stored))),
      terminal,
    )
  )
    return 0;
  if (all.length === 0) terminal.note("no environment is built yet: ligase image build <workflow file> builds some");
  for (const line of listLines(all, here, terminal)) terminal.out(line);
  return 0;
}

async function build(call: Call): Promise<number> {
  const { root, settings, options, words, terminal } = call;
  needWords(call, "build", "<workflow file or task>");
  const [{ imagesOf }, { buildImage, engineOf }] = await Promise.all([
    import("../images/of-workflow.ts"),
    import("../images/build.ts"),
  ]);
  const built: object[] = [];
  for (const word of words) {
    const used = await imagesOf(word);
    if (used.length === 0) terminal.note(`${word} names no image`);
    if (used.length === 0) continue;
    const engine = await engineOf(root, settings);
    for (const { image: definition, tasks } of used) {
      const wish = { fresh: options.update, verbose: options.verbose };
      const environment = await buildImage(engine, settings, definition, wish, terminal);
      const { identity, digest, place } = environment;
      built.push({ identity, engine: engine.name, digest, place, tasks });
    }
  }
  printJson(options, built, terminal);
  return 0;
}

async function inspect(call: Call): Promise<number> {
  const { settings, options, words, terminal } = call;
  needWords(call, "inspect", "<image>");
  const [{ findHeld, listHeld }, { factsOf, inspectLines }] = await Promise.all([
    import("../images/stored.ts"),
    import("../images/show.ts"),
  ]);
  const here = await usedHere(call);
  const all = await listHeld(settings);
  const found = words.flatMap((word) => findHeld(all, word)).map(({ stored }) => stored);
  if (
    printJson(
      options,
      found.map((stored) => factsOf(stored, here(stored))),
      terminal,
    )
  )
    return 0;
  for (const stored of found) for (const line of inspectLines(stored, here(stored), terminal)) terminal.out(line);
  return 0;
}

/** @throws LigaseError `LIGASE_E_CONFIRM`, exit status 2, when it is not sure and nobody can be asked */
async function isSure(question: string, { options, terminal }: Call): Promise<boolean> {
  if (options.yes) return true;
  if (options.json || options.jsonl || !canAsk(terminal)) {
    throw usageError("LIGASE_E_CONFIRM", `${question}, and nobody can be asked`, "say --yes");
  }
  return ask(`${question}. Go on?`);
}

async function rm(call: Call): Promise<number> {
  const { settings, options, words, terminal } = call;
  needWords(call, "rm", "<image>...");
  const { findHeld, listHeld } = await import("../images/stored.ts");
  const all = await listHeld(settings);
  const found = new Set(words.flatMap((word) => findHeld(all, word)));
  const size = [...found].reduce((sum, { stored }) => sum + stored.size, 0);
  const names = [...found].map(({ stored: { environment } }) => environment.identity.slice(0, 12));
  const question = `${count(found.size, "environment")} would be removed (up to ${formatBytes(size)}): ${names.join(", ")}`;
  if (!(await isSure(question, call))) return 1;
  for (const { engine, stored } of found) await engine.remove(stored.environment);
  if (
    printJson(
      options,
      [...found].map(({ stored }) => stored.environment.identity),
      terminal,
    )
  )
    return 0;
  for (const name of names) terminal.out(`image ${name} is removed`);
  return 0;
}

async function gc(call: Call): Promise<number> {
  const { settings, options, terminal } = call;
  const { collectImages, gcFacts, gcLines, planGc } = await import("../images/gc.ts");
  const needed = new Set((await recorded(call)).map(({ digest }) => digest));
  const { "older-than": olderThan, caches } = options;
  const found = planGc(settings.imagesDir, { olderThan, caches, needed });
  if (found.length === 0) {
    if (!printJson(options, [], terminal)) terminal.out("nothing to free");
    return 0;
  }
  const isShown = options["dry-run"] || !options.yes;
  if (isShown && !options.json && !options.jsonl) for (const line of gcLines(found, terminal)) terminal.out(line);
  if (!options["dry-run"]) {
    if (!(await isSure(`${count(found.length, "thing")} would be removed`, call))) return 1;
    await collectImages(found);
  }
  if (printJson(options, gcFacts(found), terminal) || options["dry-run"]) return 0;
  terminal.out(`${formatBytes(found.reduce((sum, { size }) => sum + size, 0))} freed`);
  return 0;
}

async function shell(call: Call): Promise<number> {
  const { root, settings, options, words, terminal } = call;
  needWords(call, "shell", "<image or workflow.ts:task>");
  const [word = "", ...command] = words;
  const [{ imagesOf, isWorkflow }, { findHeld, listHeld }, { buildImage, engineOf }, { shellIn }] = await Promise.all([
    import("../images/of-workflow.ts"),
    import("../images/stored.ts"),
    import("../images/build.ts"),
    import("../images/shell.ts"),
  ]);
  const wish = { command, network: options.network };
  if (!isWorkflow(word)) {
    const { engine, stored } = findHeld(await listHeld(settings), word)[0]!;
    return shellIn(engine, stored.environment, wish);
  }
  const used = await imagesOf(word);
  if (used.length !== 1) {
    const names = used.map(({ tasks }) => tasks[0]).filter((name) => name !== undefined);
    const mend =
      names.length === 0 ? "give a task an image" : `name a task: ${names.map((name) => `${word}:${name}`).join(", ")}`;
    throw usageError(
      "LIGASE_E_FLAG",
      `${word} names ${count(used.length, "image")}, and a shell is opened in one`,
      mend,
    );
  }
  const engine = await engineOf(root, settings);
  const { update, verbose } = options;
  const environment = await buildImage(engine, settings, used[0]!.image, { fresh: update, verbose }, terminal);
  return shellIn(engine, environment, wish);
}

async function lock(call: Call): Promise<number> {
  const { root, settings, options, words, terminal } = call;
  const [{ imagesOf }, { lockImages }, { Image }] = await Promise.all([
    import("../images/of-workflow.ts"),
    import("../images/lock.ts"),
    import("../../images/image.ts"),
  ]);
  const used = await Promise.all(words.map((word) => imagesOf(word)));
  const all =
    words.length > 0
      ? used.flat().map((each) => each.image)
      : (await recorded(call))
          .filter(({ engine }) => engine !== "host")
          .map(({ definition }) => Image.fromJSON(JSON.parse(definition)));
  const images = [...new Map(all.map((each) => [each.identity, each])).values()];
  if (images.length === 0) {
    const mend = words.length > 0 ? "give a task an image" : "name the workflow: ligase image lock workflow.ts";
    throw usageError("LIGASE_E_FLAG", "there is no image to lock", mend);
  }
  const { update, verbose } = options;
  const { path, locked } = await lockImages(root, settings, images, { fresh: update, verbose }, terminal);
  const facts = locked.map(({ lock: { identity, title, contents }, state }) => ({ identity, title, contents, state }));
  if (printJson(options, facts, terminal)) return 0;
  for (const { identity, title, state } of facts) {
    terminal.out(`${terminal.styleOut("accent", identity.slice(0, 12))}  ${state.padEnd(9)}  ${title}`);
  }
  terminal.out(`written to ${pathFrom(path, process.cwd())}`);
  return 0;
}
