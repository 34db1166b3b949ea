import { readFileSync } from "node:fs";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";

/** The file in which people say what is not synced, in the rules of `.gitignore`. */
export const IGNORE_FILE = ".ligaseignore";

/** What nobody wants to see in a copy of a project; `!results` in a `.ligaseignore` takes one back. */
const USUAL = [
  "node_modules/",
  "__pycache__/",
  "*.py[cod]",
  ".venv/",
  "venv/",
  ".tox/",
  ".mypy_cache/",
  ".pytest_cache/",
  ".ruff_cache/",
  ".ipynb_checkpoints/",
  ".DS_Store",
  ".env",
  "*.egg-info/",
  "/results/",
];

/** Nothing takes these back: they are no part of what people write, and may hold what is nobody's business. */
const NEVER = new Set([".git", ".hg", ".svn", ".ligase"]);

function read(root: string, base: string): string | undefined {
  try {
    return readFileSync(join(root, base, IGNORE_FILE), "utf8");
  } catch {
    return undefined;
  }
}

/** The rules of one folder and those around it. A deeper one wins over those above it, as in Git. */
export class IgnoreRules {
  /** Where these rules stand, relative to the root: `""`, `"data/"`. */
  readonly #base: string;
  readonly #rules: Ignore;
  readonly #above: IgnoreRules | undefined;

  private constructor(base: string, rules: Ignore, above: IgnoreRules | undefined) {
    this.#base = base;
    this.#rules = rules;
    this.#above = above;
  }

  /** The rules at the root of a project. */
  static of(root: string): IgnoreRules {
    return new IgnoreRules(
      "",
      ignore()
        .add(USUAL)
        .add(read(root, "") ?? ""),
      undefined,
    );
  }

  /**
   * The rules in a folder: those of its own `.ligaseignore` over these.
   *
   * @param base - relative to the root, `""` or with a `/` at its end
   */
  within(root: string, base: string): IgnoreRules {
    const text = read(root, base);
    return text === undefined ? this : new IgnoreRules(base, ignore().add(text), this);
  }

  /**
   * Is it left out?
   *
   * @param path - relative to the root; it lies in the folder that these rules are of, or below it
   */
  ignores(path: string, isFolder: boolean): boolean {
    if (NEVER.has(path.slice(path.lastIndexOf("/") + 1))) return true;
    return this.#says(isFolder ? `${path}/` : path) ?? false;
  }

  #says(path: string): boolean | undefined {
    const own = path.slice(this.#base.length);
    const found = this.#rules.test(own);
    if (found.unignored) return false;
    if (found.ignored) {
      // In a folder that a deeper rule took back, only what is said of the file itself counts.
      const folder = own.replace(/[^/]+\/?$/, "");
      if (folder === "" || !this.#rules.test(folder).ignored) return true;
    }
    const above = this.#above;
    return above ? above.#says(path) : undefined;
  }
}
