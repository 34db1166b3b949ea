/** What a shell does by itself, and words that only lead to a command. */
const BUILT_IN = new Set(
  `alias bg bind break builtin caller case cd command compgen complete continue coproc declare dirs disown do done echo elif
  else enable esac eval exec exit export false fc fg fi for function getopts hash help history if in jobs kill let local
  logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test then time
  times trap true type typeset ulimit umask unalias unset until wait while`.split(/\s+/),
);

/** Commands that run the command after them. */
const LEADS_ON = new Set([
  "command",
  "do",
  "elif",
  "else",
  "env",
  "exec",
  "if",
  "nice",
  "nohup",
  "then",
  "time",
  "until",
  "while",
  "xargs",
]);

const QUOTED = /'[^']*'|"(?:[^"\\$`]|\\.|\$(?!\())*"/g;
/** `$((1 + n))` computes, whatever stands in it. */
const ARITHMETIC = /\$\(\((?:[^()]|\([^()]*\))*\)\)/g;
const REDIRECTION = /\d*(?:>>|[<>])&?\d*-?|&>>?/g;
const COMMENT = /(^|\s)#.*$/gm;

/**
 * The words of a shell script that stand where a command does, in order. A guess, made to find the
 * versions of tools: what is no program on PATH is passed over later.
 *
 * @example
 * ```ts
 * commandWords("bwa mem ref.fa r.fq | samtools sort -"); // ["bwa", "samtools"]
 * ```
 */
export function commandWords(script: string): string[] {
  const text = script
    .replaceAll(COMMENT, "$1")
    .replaceAll(ARITHMETIC, "_")
    .replaceAll(QUOTED, "_")
    .replaceAll(/\\\n/g, " ")
    .replaceAll(REDIRECTION, " _ ");
  const found = new Set<string>();
  for (const piece of text.split(/\|\||&&|\|&|[|;\n&(){}`!]/)) {
    for (const word of piece.trim().split(/\s+/)) {
      // Assignments stand before a command, flags after a word that leads on to one.
      if (/^\w+=/.test(word) || word.startsWith("-")) continue;
      if (/^[\w./+-]+$/.test(word) && !BUILT_IN.has(word) && !LEADS_ON.has(word)) found.add(word);
      if (!LEADS_ON.has(word)) break;
    }
  }
  return [...found];
}
