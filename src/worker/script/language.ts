import { basename } from "node:path";
import { LigaseError } from "../../kernel/index.ts";

/** How a family of interpreters writes values down. */
export interface Language {
  readonly name: string;
  /** The ending of its files; nothing for shells, whose scripts are part of `.command.sh`. */
  readonly extension: string;
  text(value: string): string;
  readonly yes: string;
  readonly no: string;
  readonly nothing: string;
  list(items: readonly string[]): string;
}

/**
 * Text as one word of a POSIX shell.
 *
 * @example
 * ```ts
 * shellWord("it's"); // 'it'\''s'
 * ```
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const shell: Language = {
  name: "shell",
  extension: "",
  text: shellWord,
  yes: "true",
  // A flag that is off, and a value that is not there, leave no word: `${paired && "--paired"}`.
  no: "",
  nothing: "",
  list: (items) => items.filter((item) => item !== "").join(" "),
};

const commaSeparated = (items: readonly string[]): string => items.join(", ");

/** JSON's strings are literals of all of these, escapes included. */
const quoted = (text: string): string => JSON.stringify(text);

const LANGUAGES: readonly (readonly [RegExp, Language])[] = [
  [/^(ba|da|k|z|a)?sh$/, shell],
  [
    /^(python|pypy)[\d.]*$/,
    {
      name: "Python",
      extension: ".py",
      text: quoted,
      yes: "True",
      no: "False",
      nothing: "None",
      list: (items) => `[${commaSeparated(items)}]`,
    },
  ],
  [
    /^(Rscript|R)$/,
    {
      name: "R",
      extension: ".R",
      text: quoted,
      yes: "TRUE",
      no: "FALSE",
      nothing: "NULL",
      list: (items) => `c(${commaSeparated(items)})`,
    },
  ],
  [
    /^(node|deno|bun)$/,
    {
      name: "JavaScript",
      extension: ".mjs",
      text: quoted,
      yes: "true",
      no: "false",
      nothing: "null",
      list: (items) => `[${commaSeparated(items)}]`,
    },
  ],
];

/** The family an interpreter (`python3`, `/usr/bin/Rscript --vanilla`) belongs to; undefined for one not known here. */
export function languageOf(interpreter: string): Language | undefined {
  const name = basename(interpreter.trim().split(/\s+/)[0] ?? "");
  return LANGUAGES.find(([pattern]) => pattern.test(name))?.[1];
}

/**
 * For interpreters whose literals are not known here: values have to go another way.
 *
 * @throws LigaseError `LIGASE_E_SCRIPT`, always
 */
export function cannotInterpolate(interpreter: string, gap: string): never {
  throw new LigaseError(
    "LIGASE_E_SCRIPT",
    `${gap} of the script cannot be written for ${interpreter}: its quoting is not known`,
    {
      facts: { interpreter },
      mend: "pass it in the environment (env: { NAME: value }), or as raw() text if it needs no quoting",
    },
  );
}
