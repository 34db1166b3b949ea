const segmenter = new Intl.Segmenter();
/** What takes two columns where letters have one width: East Asian letters and most pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;

/** A text as a list of what people see as one character, with the columns of each. */
function characters(text: string): { readonly text: string; readonly columns: number }[] {
  return Array.from(segmenter.segment(text), ({ segment }) => ({
    text: segment,
    columns: WIDE.test(segment) ? 2 : 1,
  }));
}

/** How many columns a text takes in letters of one width. */
export function columnsOf(text: string): number {
  // By far the most names are plain.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return characters(text).reduce((sum, character) => sum + character.columns, 0);
}

/** Cuts a name in its middle, so that it takes no more than so many columns: both of its ends tell it from others. */
export function shortenTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const all = characters(text);
  const tailRoom = Math.floor((columns - 1) / 2);
  const head = take(all, columns - 1 - tailRoom);
  const tail = take(all.toReversed(), tailRoom).toReversed();
  return `${head.join("")}…${tail.join("")}`;
}

function take(from: readonly { readonly text: string; readonly columns: number }[], room: number): string[] {
  const taken: string[] = [];
  let left = room;
  for (const character of from) {
    if ((left -= character.columns) < 0) break;
    taken.push(character.text);
  }
  return taken;
}

/** A text on one line: every run of white space and control characters is one space. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
