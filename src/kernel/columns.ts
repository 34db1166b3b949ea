/** Letters that take two columns of a screen: East Asian Width W and F (Unicode Standard Annex 11), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
/** Marks on the letter before, the middle and end of a Korean syllable, and what is not seen at all. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u1160-\u11ff\ud7b0-\ud7ff]/u;
/** A character that is a picture, made of however many letters; the last one asks for a picture by itself. */
const PICTURE = /[\p{Emoji_Presentation}\ufe0f]/u;
/** Letters of one column each: ASCII, Latin, and the marks and strokes that Ligase itself writes. */
const PLAIN = /^[\x20-\x7e\u00c0-\u024f\u2013-\u2026\u2190-\u2193\u21ba\u2500-\u257f\u25cb\u25cf\u2713\u2717]*$/;

let segmenter: Intl.Segmenter | undefined;

/** A text as a list of what people see as one character. */
function charactersOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function columnsOfCharacter(character: string): number {
  if (PICTURE.test(character)) return 2;
  let columns = 0;
  // The soft hyphen is the one of its kind that screens show.
  for (const letter of character) columns += WIDE.test(letter) ? 2 : NONE.test(letter) && letter !== "\u00ad" ? 0 : 1;
  return columns;
}

/**
 * How many columns a text takes on a screen, where letters have one width: Japanese ones take two.
 *
 * @param text - without control sequences
 * @example
 * ```ts
 * columnsOf("試料1"); // 5
 * ```
 */
export function columnsOf(text: string): number {
  // By far the most text is plain.
  if (PLAIN.test(text)) return text.length;
  return charactersOf(text).reduce((sum, character) => sum + columnsOfCharacter(character), 0);
}

/** The beginning (or the end) of a text, as much of it as so many columns hold. */
export function takeColumns(text: string, columns: number, from: "start" | "end" = "start"): string {
  if (columns <= 0) return "";
  if (PLAIN.test(text)) return from === "start" ? text.slice(0, columns) : text.slice(-columns);
  const characters = charactersOf(text);
  if (from === "end") characters.reverse();
  let left = columns;
  const end = characters.findIndex((character) => (left -= columnsOfCharacter(character)) < 0);
  const taken = end === -1 ? characters : characters.slice(0, end);
  return (from === "end" ? taken.toReversed() : taken).join("");
}

/**
 * Cuts a name in its middle, so that it takes no more than so many columns: both of its ends tell it from others.
 *
 * @example
 * ```ts
 * shortenMiddle("alignTheReads", 7); // "ali…ads"
 * ```
 */
export function shortenMiddle(name: string, columns: number): string {
  if (columnsOf(name) <= columns) return name;
  const tail = Math.floor((columns - 1) / 2);
  return `${takeColumns(name, columns - 1 - tail)}…${takeColumns(name, tail, "end")}`;
}
