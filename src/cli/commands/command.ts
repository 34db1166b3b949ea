import { nearest } from "../../kernel/index.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/text.ts";
import { usageError } from "../usage-error.ts";
import { type CommandLine, type OptionSpec, type OptionSpecs, type OptionValues, readCommandLine } from "../options.ts";

/** What a command says of itself. */
export interface HelpSpec {
  /** `log [run or job]`: its name and its words. */
  readonly usage: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly examples: readonly string[];
  readonly options: OptionSpecs;
}

/** One command of the command line. */
export interface Command {
  readonly help: HelpSpec;
  /**
   * @param argv - the words after its name
   * @returns the exit status
   */
  run(argv: readonly string[], terminal: Terminal): Promise<number>;
}

/** The option that every command has. */
export const HELP = { type: "boolean", short: "h", doc: "explain this command" } as const satisfies OptionSpec;

/** The option of every command that reads the record. */
export const STORE = {
  store: { type: "text", value: "<folder>", doc: "the store to read (that of the project around here)" },
} as const satisfies OptionSpecs;

/** The options of every command whose answer a program may want: one document, or of a list one line each. */
export const JSON_OUT = {
  json: { type: "boolean", doc: "print JSON" },
  jsonl: { type: "boolean", doc: "print JSON, of a list one line each" },
} as const satisfies OptionSpecs;

/** Is the answer wanted by a program? */
export interface JsonWanted {
  readonly json: boolean;
  readonly jsonl: boolean;
}

/**
 * Prints an answer for a program, if that was asked for.
 *
 * @returns whether it was
 * @example
 * ```ts
 * if (printJson(options, runs, terminal)) return 0;
 * ```
 */
export function printJson({ json, jsonl }: JsonWanted, answer: unknown, terminal: Terminal): boolean {
  if (jsonl) for (const item of Array.isArray(answer) ? answer : [answer]) terminal.out(JSON.stringify(item));
  else if (json) terminal.out(JSON.stringify(answer));
  return json || jsonl;
}

/** The option of every command whose answer may be longer than a screen. */
const PAGER = {
  "no-pager": { type: "boolean", doc: "do not show long answers page by page" },
} as const satisfies OptionSpecs;

/** How a command is called, besides its options. */
export interface CommandShape<S extends OptionSpecs> {
  /** How many words it takes. */
  readonly least?: number;
  readonly most?: number;
  /** Is its answer to be read, and may be longer than a screen? Then it goes through a pager where stdout is one. */
  readonly paged?: boolean | ((options: OptionValues<S>) => boolean);
}

/**
 * Makes a command: its options are read, `--help` is answered, and too few or too many words are refused before
 * `run` sees them.
 *
 * @example
 * ```ts
 * export const cancel = defineCommand({ usage: "cancel <run>", …, options: { force: … } }, { least: 1, most: 1 },
 *   async ({ options, words: [run] }, terminal) => { … });
 * ```
 */
export function defineCommand<const S extends OptionSpecs>(
  spec: HelpSpec & { readonly options: S },
  { least = 0, most = 0, paged = false }: CommandShape<S>,
  run: (line: CommandLine<S>, terminal: Terminal) => Promise<number>,
): Command {
  const name = spec.usage.split(" ")[0]!;
  const options = { ...spec.options, ...(paged !== false && PAGER), help: HELP };
  const help: HelpSpec = { ...spec, options };
  return {
    help,
    async run(argv, terminal) {
      const line = readCommandLine(name, options, argv, most);
      if (line.options.help) {
        terminal.out(helpText(help, terminal.proseWidth));
        return 0;
      }
      if (line.words.length < least) {
        const missing =
          spec.usage
            .match(/<[^>]+>/g)
            ?.slice(line.words.length)
            .join(" ") ?? "more words";
        throw usageError("LIGASE_E_FLAG", `ligase ${name} needs ${missing}`, `usage: ligase ${spec.usage}`);
      }
      const isPaged = typeof paged === "function" ? paged(line.options) : paged;
      // Without a screen there is nothing to load.
      if (!isPaged || line.options["no-pager"] || terminal.rowsOut === Infinity) return run(line, terminal);
      const { pagedTerminal } = await import("../terminal/pager.ts");
      const { terminal: pages, close } = pagedTerminal(terminal);
      try {
        return await run(line, pages);
      } finally {
        await close();
      }
    },
  };
}

/** The text of `--help`. */
export function helpText({ usage, about, examples, options }: HelpSpec, width: number): string {
  const flags = Object.entries(options).map(([name, { value, short, doc }]) => ({
    flag: `  ${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
    doc,
  }));
  const column = Math.max(...flags.map(({ flag }) => flag.length)) + 2;
  // Two columns need room for a few words in the second.
  const stacked = width - column < 24;
  const lines = flags.flatMap(({ flag, doc }) => {
    const indent = stacked ? 8 : column;
    const text = wrap(doc, Math.max(16, width - indent)).map((line) => " ".repeat(indent) + line);
    return stacked ? [flag, ...text] : [flag.padEnd(column) + text[0]!.slice(column), ...text.slice(1)];
  });
  const paragraphs = about.flatMap((paragraph) => ["", ...wrap(paragraph, width)]);
  return [
    `ligase ${usage}`,
    ...paragraphs,
    "",
    "Options",
    ...lines,
    "",
    "Examples",
    ...examples.map((line) => `  ${line}`),
  ].join("\n");
}

/**
 * The verb that a command with verbs was given: `ls` of `ligase volume ls`.
 *
 * @param command - the name of the command
 * @throws LigaseError `LIGASE_E_COMMAND`, exit status 2, naming the nearest right one
 */
export function verbOf<const V extends string>(command: string, verbs: readonly V[], word: string): V {
  const verb = verbs.find((each) => each === word);
  if (verb !== undefined) return verb;
  const near = nearest(word, verbs);
  const mend = near === undefined ? `there are ${verbs.join(", ")}` : `did you mean ligase ${command} ${near}?`;
  throw usageError("LIGASE_E_COMMAND", `ligase ${command} has no command ${word}`, mend, { command: word });
}
