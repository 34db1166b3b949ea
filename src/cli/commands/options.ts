import { parseArgs } from "node:util";
import { LigaseError, nearest } from "../../kernel/index.ts";
import { columns } from "../terminal/text.ts";

/** One option of a command. */
export interface OptionSpec {
  readonly type: "boolean" | "value" | "list";
  readonly doc: string;
  /** What the value is, for the help: `<n>`. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
}

type Specs = Readonly<Record<string, OptionSpec>>;

/** The values of a command's options. */
export type OptionValues<S extends Specs> = {
  readonly [K in keyof S]: S[K]["type"] extends "boolean" ? boolean : S[K]["type"] extends "list" ? readonly string[] : string | undefined;
};

/** The flags of a command as `splitFlags` wants to know them. */
export function ownFlags(specs: Specs): Record<string, "boolean" | "value"> {
  const flags: Record<string, "boolean" | "value"> = {};
  for (const [name, { type, short }] of Object.entries(specs)) {
    flags[name] = type === "boolean" ? "boolean" : "value";
    if (short !== undefined) flags[short] = flags[name];
  }
  return flags;
}

/**
 * Reads a command's own options.
 *
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2, naming the nearest right one
 */
export function readOptions<const S extends Specs>(command: string, specs: S, argv: readonly string[]): OptionValues<S> {
  return readWords(command, specs, argv, false).options;
}

/** The same, where words without a flag are allowed. */
export function readWords<const S extends Specs>(
  command: string,
  specs: S,
  argv: readonly string[],
  allowPositionals = true,
): { options: OptionValues<S>; words: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [
      name,
      {
        type: type === "boolean" ? ("boolean" as const) : ("string" as const),
        ...(type === "list" && { multiple: true }),
        ...(short !== undefined && { short }),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals, strict: true });
    const read = Object.fromEntries(
      Object.entries(specs).map(([name, { type }]) => [name, values[name] ?? (type === "boolean" ? false : type === "list" ? [] : undefined)]),
    );
    return { options: read as OptionValues<S>, words: positionals };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /'(--?[^'=\s]+)/.exec(message)?.[1];
    const isUnknown = (error as { code?: string }).code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    const near = unknown === undefined ? undefined : nearest(unknown.replace(/^-+/, ""), Object.keys(specs));
    throw new LigaseError("LIGASE_E_FLAG", isUnknown ? `ligase ${command} has no flag ${unknown}` : `ligase ${command}: ${message.split(". ")[0]}`, {
      facts: { exitCode: 2 },
      mend: isUnknown && near ? `did you mean --${near}?` : `ligase ${command} --help lists the flags`,
    });
  }
}

/** What a command says of itself. */
export interface HelpSpec {
  readonly usage: string;
  readonly about: readonly string[];
  readonly examples: readonly string[];
  readonly options: Specs;
}

/** The text of `--help`. */
export function commandHelp({ usage, about, examples, options }: HelpSpec, width: number): string {
  const rows = Object.entries(options).map(([name, { value, short, doc }]) => [
    `  ${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
    doc,
  ]);
  return [usage, "", ...about, "", "Options", ...columns(rows, { width }), "", "Examples", ...examples.map((line) => `  ${line}`)].join("\n");
}
