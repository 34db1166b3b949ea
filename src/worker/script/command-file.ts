import { LigaseError } from "../../kernel/index.ts";
import { languageOf, shellWord } from "./language.ts";

/** The file that a job is started by, in its work directory; it can be run again by hand. */
export const COMMAND_FILE = ".command.sh";
/** What a job wrote to stdout and stderr, in its work directory. */
export const STDOUT_FILE = ".command.out";
export const STDERR_FILE = ".command.err";

/** What goes into a work directory to start a script. */
export interface CommandFiles {
  /** The shell that runs {@link COMMAND_FILE}. */
  readonly shell: string;
  /** Would it do the same in a copy of a bash that runs already? Starting a new one takes 1 ms. */
  readonly warm: boolean;
  /** Each with its name. */
  readonly files: readonly (readonly [name: string, content: string])[];
}

/** What {@link commandFiles} is told of a job. */
export interface Command {
  /** For the heading. */
  readonly title: string;
  readonly interpreter: string;
  /** The rendered script. */
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
  /** What else it needs when it is run by hand; absent for nothing. */
  readonly needs?: string;
}

/** Shells that know `pipefail`; of the others only the first command of a pipeline to fail could be missed. */
const PIPEFAIL = /^(ba|k|z)sh$/;

/**
 * What tells one shell from another: its process and parent, its age, its random numbers, its
 * options and traps, and its table of jobs, in which `%1` of a copy is the copy itself. A script
 * that asks for any of these, or starts something in the background, gets a shell of its own.
 */
const ASKS_WHO_IT_IS =
  /\$\{?[$_!-]|PID|SHLVL|BASH|SECONDS|RANDOM|\b(trap|times|jobs|[fb]g|disown|caller|history|fc|suspend|logout|login)\b|(^|\s)%[\w%+?-]|(^|[^&<>])&(?![&>])/m;

function exports(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => {
      if (!/^[A-Za-z_]\w*$/.test(name) || value.includes("\0")) {
        throw new LigaseError("LIGASE_E_SCRIPT", `${JSON.stringify(name)} cannot be an environment variable`, {
          facts: { name },
          mend: "use letters, digits and underscores, and no NUL in the value",
        });
      }
      return `export ${name}=${shellWord(value)}\n`;
    })
    .join("");
}

/**
 * The files that start a script, complete with its environment, so that `bash .command.sh` does by
 * hand what the job did. It begins where the file lies, without a process for `dirname` (1 ms).
 *
 * @throws LigaseError `LIGASE_E_SCRIPT` for a variable that a shell could not export
 */
export function commandFiles({ title, interpreter, text, env, needs }: Command): CommandFiles {
  const language = languageOf(interpreter);
  const inShell = language?.extension === "" && /^\S+$/.test(interpreter);
  const shell = inShell ? interpreter : "sh";
  const heading =
    `#!/usr/bin/env ${shell}\n# ${title.replaceAll(/\s+/g, " ")}. To run it again: ${shell} ${COMMAND_FILE}\n` +
    (needs === undefined ? "" : `# ${needs.replaceAll(/\s+/g, " ")}\n`) +
    `case $0 in */*) cd "\${0%/*}" ;; esac\n${exports(env)}`;
  const body = text.endsWith("\n") ? text : `${text}\n`;
  if (inShell) {
    const options = PIPEFAIL.test(shell) ? "set -euo pipefail" : "set -eu";
    const warm = shell === "bash" && !ASKS_WHO_IT_IS.test(text);
    return { shell, warm, files: [[COMMAND_FILE, `${heading}${options}\n\n${body}`]] };
  }
  const script = `.command${language?.extension ?? ".script"}`;
  return {
    shell,
    warm: false,
    files: [
      [COMMAND_FILE, `${heading}exec ${interpreter} ${script}\n`],
      [script, body],
    ],
  };
}
