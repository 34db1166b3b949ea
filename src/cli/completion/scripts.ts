import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A shell that is completed for. */
export interface Shell {
  /** Its script in the folder `completions`. */
  readonly script: string;
  /** Where a user's completions lie, by the environment. */
  place(env: NodeJS.ProcessEnv): string | undefined;
  /** What else is to be done once the script is there. */
  readonly after: string;
}

const inHome = (env: NodeJS.ProcessEnv, variable: string, ...home: readonly string[]): string | undefined =>
  env[variable] || (env["HOME"] ? join(env["HOME"], ...home) : undefined);

const below = (folder: string | undefined, ...path: readonly string[]): string | undefined =>
  folder === undefined ? undefined : join(folder, ...path);

/** The shells by name. */
export const SHELLS: Readonly<Record<string, Shell>> = {
  bash: {
    script: "ligase.bash",
    // bash-completion looks here by itself.
    place: (env) => below(inHome(env, "XDG_DATA_HOME", ".local", "share"), "bash-completion", "completions", "ligase"),
    after: "it works in new shells, where the package bash-completion is installed",
  },
  zsh: {
    script: "_ligase",
    place: (env) => below(inHome(env, "XDG_DATA_HOME", ".local", "share"), "zsh", "site-functions", "_ligase"),
    after: "put its folder in fpath before compinit, in .zshrc: fpath=(~/.local/share/zsh/site-functions $fpath)",
  },
  fish: {
    script: "ligase.fish",
    place: (env) => below(inHome(env, "XDG_CONFIG_HOME", ".config"), "fish", "completions", "ligase.fish"),
    after: "it works in new shells",
  },
};

/** The scripts lie beside the code, in a checkout as in an installed package. */
const FOLDER = resolve(import.meta.dirname, "../../../completions");

/** The text that a shell evaluates so that it completes `ligase`. */
export function shellScript({ script }: Shell): string {
  return readFileSync(join(FOLDER, script), "utf8");
}
