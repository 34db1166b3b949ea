/**
 * Replaces what Python allows and the grammar does not know by something of the same length that it knows, so that every
 * place in the text stays what it is: what is written there is still read from the original.
 */
export function repaired(source: string): string {
  const text = masked(source);
  const out = source.split("");
  const put = (from: number, to: number, by: (character: string, i: number) => string): void => {
    for (let i = from; i < to; i++) out[i] = by(out[i]!, i - from);
  };
  // `yield` without a value is an expression like others.
  for (const { index } of text.matchAll(/\byield(?=[ \t]*(?:[\n\r)\];#]|$))/g))
    put(index, index + 5, (_, i) => "None "[i]!);
  // `24.` is a number.
  for (const { index, 0: number } of text.matchAll(/(?<![\w.])\d[\d_]*\.(?![\w.])/g)) {
    put(index + number.length - 1, index + number.length, () => "0");
  }
  // `lambda a, /, b: …`
  for (const { index, 0: head } of text.matchAll(/\blambda\b[^:\n]*?\/\s*,/g)) {
    put(index + head.lastIndexOf("/"), index + head.length, () => " ");
  }
  // `for first, *rest in …`
  for (const { index, 0: target } of text.matchAll(/\*(?=\s*\w+(?:\s*,\s*\w+)*\s+in\b)/g)) {
    put(index, index + target.length, () => " ");
  }
  // `case Mapping():`
  for (const { index, 0: line } of text.matchAll(/^[ \t]*case\b[^\n]*$/gm)) {
    for (const { index: at } of line.matchAll(/\(\)/g)) put(index + at, index + at + 2, (_, i) => ".q"[i]!);
  }
  // `with open(a) as (b, c):`, `as self.file`: one name, of which the text says what it holds.
  for (const { index } of text.matchAll(/\bas\s+(?=[([])/g)) {
    const from = index + /^as\s+/.exec(text.slice(index, index + 200))![0].length;
    const to = closing(text, from);
    if (to !== undefined && /^\s*[,:)]/.test(text.slice(to, to + 200))) put(from, to, () => "_");
  }
  for (const { index, 1: as, 2: target } of text.matchAll(/\b(as\s+)(\w+(?:\.\w+)+)(?=\s*[,:)])/g)) {
    put(index + as!.length, index + as!.length + target!.length, () => "_");
  }
  // `with (open(a) as b, open(c) as d):`
  for (const { index, 0: head } of text.matchAll(/\bwith\s*(?=\()/g)) {
    const from = index + head.length;
    const to = closing(text, from);
    if (to === undefined || !/^\s*:/.test(text.slice(to, to + 200))) continue;
    const comma = /,\s*\)$/.exec(text.slice(from, to));
    put(from, from + 1, () => " ");
    put(to - 1 - (comma ? comma[0].length - 1 : 0), to, () => " ");
    // Within brackets, the ends of lines meant nothing.
    for (let i = from; i < to; i++) {
      if (text[i] === "\n" || text[i] === "\r" || (text[i] === " " && /[^\s"'\w{}]/.test(source[i]!))) out[i] = " ";
    }
    for (const { index: at, 0: comment } of source.slice(from, to).matchAll(/#[^\n]*/g)) {
      if (text.slice(from + at, from + at + comment.length).trim() === "")
        put(from + at, from + at + comment.length, () => " ");
    }
  }
  return out.join("");
}

/** The text with blanks for what stands in strings and comments. */
function masked(source: string): string {
  const pattern = /#[^\n]*|("""|''')(?:\\[^]|(?!\1)[^\\])*(?:\1|$)|(["'])(?:\\[^]|(?!\2)[^\\\n])*(?:\2|$|(?=\n))/g;
  return source.replace(pattern, (found) => found.replace(/[^\n]/g, " "));
}

/** Behind the bracket that closes the one at a place. */
function closing(text: string, from: number): number | undefined {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const character = text[i]!;
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character) && --depth === 0) return i + 1;
  }
  return undefined;
}
