/** Where in a shell script a value stands. In `code` it can be quoted; elsewhere quotes would be text. */
export type ShellPlace =
  | "code"
  | "double quotes"
  | "single quotes"
  | "a here-document"
  | "a comment"
  | "after a backslash";

/** What the lexer is inside of, innermost last. */
type Context =
  | "code"
  | "paren"
  | "arithmetic"
  | "backtick"
  | "brace"
  | "double"
  | "brace in double"
  | "single"
  | "ansi"
  | "comment";

interface HereDocument {
  readonly delimiter: string;
  /** Opened with `<<-`: the delimiter may be indented by tabs. */
  readonly tabs: boolean;
}

const HERE = /<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|((?:\\.|[^\s\\;&|<>()'"])+))/y;

/**
 * Follows a shell script just far enough to tell where a value between two parts of its text
 * stands: quotes, substitutions, here-documents, comments and escapes
 * (POSIX.1-2024, Shell Command Language, 2.2, 2.3 and 2.7.4, and bash's `$'…'`).
 */
export class ShellLexer {
  readonly #contexts: Context[] = ["code"];
  readonly #pending: HereDocument[] = [];
  #here: HereDocument | undefined;
  /** The line of a here-document so far. */
  #line = "";
  #wordStart = true;
  #escaped = false;

  /** Where a value would stand that came now. */
  get place(): ShellPlace {
    if (this.#here) return "a here-document";
    if (this.#escaped) return "after a backslash";
    switch (this.#top) {
      case "double":
      case "brace in double":
        return "double quotes";
      case "single":
      case "ansi":
        return "single quotes";
      case "comment":
        return "a comment";
      default:
        return "code";
    }
  }

  get #top(): Context {
    return this.#contexts.at(-1)!;
  }

  /** A value stands here. */
  value(): void {
    this.#wordStart = false;
    this.#escaped = false;
    // Whatever it is, a line with a value in it ends no here-document.
    this.#line += "\0";
  }

  /** The text up to the next value, or to the end. */
  feed(text: string): void {
    for (let at = 0; at < text.length;) at += this.#here ? this.#hereDocument(text, at) : this.#step(text, at);
  }

  /** Takes what follows in a here-document. Returns how many characters it was. */
  #hereDocument(text: string, at: number): number {
    const end = text.indexOf("\n", at);
    this.#line += text.slice(at, end < 0 ? undefined : end);
    if (end < 0) return text.length - at;
    const line = this.#here!.tabs ? this.#line.replace(/^\t+/, "") : this.#line;
    if (line === this.#here!.delimiter) this.#here = this.#pending.shift();
    this.#line = "";
    return end + 1 - at;
  }

  /** Takes what follows elsewhere. Returns how many characters it was. */
  #step(text: string, at: number): number {
    const char = text[at]!;
    if (this.#escaped) {
      this.#escaped = false;
      return 1;
    }
    switch (this.#top) {
      case "single":
        if (char === "'") this.#contexts.pop();
        return 1;
      case "ansi":
        if (char === "\\") this.#escaped = true;
        else if (char === "'") this.#contexts.pop();
        return 1;
      case "comment":
        if (char !== "\n") return 1;
        this.#contexts.pop();
        return this.#newline();
      case "double":
      case "brace in double":
        return this.#quoted(text, at, char);
      default:
        return this.#code(text, at, char);
    }
  }

  #newline(): number {
    this.#wordStart = true;
    this.#here = this.#pending.shift();
    this.#line = "";
    return 1;
  }

  /** In double quotes. */
  #quoted(text: string, at: number, char: string): number {
    switch (char) {
      case "\\":
        this.#escaped = true;
        return 1;
      case '"':
        if (this.#top === "double") this.#contexts.pop();
        else this.#contexts.push("double");
        return 1;
      case "}":
        if (this.#top === "brace in double") this.#contexts.pop();
        return 1;
      default:
        return this.#substitution(text, at, char, "brace in double");
    }
  }

  /** What opens a substitution, in double quotes and out of them. */
  #substitution(text: string, at: number, char: string, brace: Context): number {
    if (char === "`") {
      if (this.#top === "backtick") this.#contexts.pop();
      else if (this.#contexts.includes("backtick")) this.#contexts.splice(this.#contexts.lastIndexOf("backtick"));
      else this.#contexts.push("backtick");
      return 1;
    }
    if (char !== "$") return 1;
    if (text.startsWith("$((", at)) {
      this.#contexts.push("arithmetic", "paren");
      return 3;
    }
    if (text.startsWith("$(", at)) {
      this.#contexts.push("paren");
      this.#wordStart = true;
      return 2;
    }
    if (text.startsWith("${", at)) {
      this.#contexts.push(brace);
      return 2;
    }
    // `$#`, `$$`: the second is no comment and opens nothing.
    return "#$".includes(text[at + 1] ?? " ") ? 2 : 1;
  }

  #code(text: string, at: number, char: string): number {
    const wordStart = this.#wordStart;
    this.#wordStart = " \t;&|(".includes(char);
    switch (char) {
      case "\n":
        return this.#newline();
      case "\\":
        this.#escaped = true;
        return 1;
      case "'":
        this.#contexts.push("single");
        return 1;
      case '"':
        this.#contexts.push("double");
        return 1;
      case "#":
        if (wordStart && this.#top !== "brace" && !this.#contexts.includes("arithmetic"))
          this.#contexts.push("comment");
        return 1;
      case "(":
        if (wordStart && text[at + 1] === "(") {
          this.#contexts.push("arithmetic", "paren");
          return 2;
        }
        this.#contexts.push("paren");
        return 1;
      case ")":
        // Without its opening one it ends a pattern of `case`.
        if (this.#top === "paren" || this.#top === "arithmetic") this.#contexts.pop();
        return 1;
      case "}":
        if (this.#top === "brace") this.#contexts.pop();
        return 1;
      case "<":
        return this.#redirection(text, at);
      case "$":
        if (text[at + 1] === "'") {
          this.#contexts.push("ansi");
          return 2;
        }
        return this.#substitution(text, at, char, "brace");
      default:
        return this.#substitution(text, at, char, "brace");
    }
  }

  #redirection(text: string, at: number): number {
    if (text.startsWith("<<<", at)) return 3;
    if (this.#contexts.includes("arithmetic")) return 1;
    HERE.lastIndex = at;
    const here = HERE.exec(text);
    if (!here) return 1;
    const delimiter = here[2] ?? here[3] ?? here[4]!.replace(/\\(.)/g, "$1");
    this.#pending.push({ delimiter, tabs: here[1] === "-" });
    return here[0].length;
  }
}

const SHELLS = new Set(["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"]);

/** Is this program a shell, whose quoting {@link ShellLexer} follows? */
export function isShell(interpreter: string): boolean {
  const program = interpreter.trim().split(/\s+/)[0]!;
  return SHELLS.has(program.slice(program.lastIndexOf("/") + 1));
}
