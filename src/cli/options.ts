import { parseArgs } from "node:util";
import { nearest } from "../kernel/index.ts";
import { usageError } from "./usage-error.ts";

/** One option of a command. */
export interface OptionSpec {
  readonly type: "boolean" | "text" | "number" | "list";
  readonly doc: string;
  /** What the value is, for the help: `<n>`. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
}

/** The options of a command by name, without dashes. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

interface ValueOf {
  boolean: boolean;
  text: string | undefined;
  number: number | undefined;
  list: readonly string[];
}

/** The values of a command's options. */
export type OptionValues<S extends OptionSpecs> = { readonly [K in keyof S]: ValueOf[S[K]["type"]] };

/** What stands on a command line. */
export interface CommandLine<S extends OptionSpecs> {
  readonly options: OptionValues<S>;
  /** The words that belong to no option. */
  readonly words: readonly string[];
  /** All words, as they were typed. */
  readonly argv: readonly string[];
}

/** The options of a command as `splitFlags` wants to know them. */
export function ownFlags(specs: OptionSpecs): Record<string, "boolean" | "value"> {
  const flags: Record<string, "boolean" | "value"> = {};
  for (const [name, { type, short }] of Object.entries(specs)) {
    const kind = type === "boolean" ? "boolean" : "value";
    flags[name] = kind;
    if (short !== undefined) flags[short] = kind;
  }
  return flags;
}

/**
 * Reads a command line.
 *
 * @param most - how many words it may have besides its options
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2, naming the nearest right one
 */
export function readCommandLine<const S extends OptionSpecs>(
  command: string,
  specs: S,
  argv: readonly string[],
  most = 0,
): CommandLine<S> {
  const { values, positionals } = parse(command, specs, argv);
  if (positionals.length > most) {
    const extra = positionals.slice(most).join(" ");
    const allowed = most === 0 ? "no words" : most === 1 ? "one word" : `${most} words`;
    throw usageError(
      "LIGASE_E_FLAG",
      `ligase ${command} takes ${allowed}, and there is also: ${extra}`,
      `ligase ${command} --help explains it`,
    );
  }
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type }]) => [name, valueOf(name, type, values[name])]),
  );
  return { options: options as OptionValues<S>, words: positionals, argv };
}

type Parsed = Record<string, string | boolean | (string | boolean)[] | undefined>;

function parse(
  command: string,
  specs: OptionSpecs,
  argv: readonly string[],
): { values: Parsed; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [
      name,
      {
        type: type === "boolean" ? ("boolean" as const) : ("string" as const),
        multiple: type === "list",
        ...(short !== undefined && { short }),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const help = `ligase ${command} --help lists the flags`;
    const bare = /^Option '(?:-\w, )?--([\w-]+)(?: <value>)?' argument (?:missing|is ambiguous)/.exec(message)?.[1];
    if (bare !== undefined)
      throw usageError("LIGASE_E_FLAG", `--${bare} needs a value: ${specs[bare]?.value ?? ""}`, help);
    if ((error as { code?: unknown }).code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw usageError("LIGASE_E_FLAG", `ligase ${command}: ${message.split(". ")[0]}`, help);
    }
    const unknown = /'(--?[^'=\s]+)/.exec(message)?.[1] ?? "";
    const near = nearest(unknown.replace(/^-+/, ""), Object.keys(specs));
    throw usageError(
      "LIGASE_E_FLAG",
      `ligase ${command} has no flag ${unknown}`,
      near === undefined ? help : `did you mean --${near}?`,
    );
  }
}

function valueOf(name: string, type: OptionSpec["type"], value: Parsed[string]): ValueOf[OptionSpec["type"]] {
  if (type === "boolean") return value === true;
  if (type === "list") return (value as string[] | undefined) ?? [];
  if (type === "text" || value === undefined) return value as string | undefined;
  const number = Number(value);
  if (String(value).trim() !== "" && Number.isFinite(number)) return number;
  throw usageError("LIGASE_E_FLAG", `--${name} ${String(value)} is not a number`);
}

/**
 * Reads `key=value` words.
 *
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2, for one without a value
 */
export function readTags(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)] as const;
      throw usageError("LIGASE_E_FLAG", `--tag ${word} has no value`, "write --tag key=value");
    }),
  );
}
