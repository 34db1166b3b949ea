import { stripVTControlCharacters } from "node:util";

/** A piece of HTML: what {@link html} makes. */
export class Html {
  readonly #text: string;

  /** @param text - HTML already; see {@link trusted} */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a gap of a template: text is escaped, lists are joined, nothing and `false` leave nothing. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

/**
 * HTML of a template. Whatever stands in a gap is text, in an element or in a quoted attribute, unless it is HTML made
 * by this function.
 *
 * @example
 * ```ts
 * html`<td title="${path}">${rows.map((row) => html`<b>${row.name}</b>`)}</td>`;
 * ```
 */
export function html(parts: TemplateStringsArray, ...gaps: readonly Content[]): Html {
  let text = parts[0]!;
  gaps.forEach((gap, i) => (text += rendered(gap) + parts[i + 1]!));
  return new Html(text);
}

/** Takes text for HTML as it is: for what Ligase wrote itself, such as a style sheet or a picture. */
export function trusted(text: string): Html {
  return new Html(text);
}

function rendered(content: Content): string {
  if (content instanceof Html) return content.toString();
  if (content === null || content === undefined || content === false) return "";
  if (typeof content === "object") return content.map(rendered).join("");
  return escape(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text as HTML: entities; escape sequences of terminals removed; other control characters, halves of surrogate pairs
 * and what turns the direction of the text around (the "Trojan Source" of CVE-2021-42574) become a sign that something
 * was there.
 */
function escape(text: string): string {
  return (
    stripVTControlCharacters(text)
      .toWellFormed()
      .replace(/\r\n?/g, "\n")
      // oxlint-disable-next-line no-control-regex -- they have no place in HTML
      .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, "\ufffd")
      .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
  );
}
