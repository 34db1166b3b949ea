import { descendants, type PyNode } from "./tree.ts";

/** A part of a text in the source: characters as they are meant, or an expression in an f-string. */
export type Piece = { readonly text: string } | { readonly node: PyNode };

/** What a string says: its parts, and whether it is bytes. */
export interface StringValue {
  readonly pieces: readonly Piece[];
  readonly bytes: boolean;
}

const QUOTED = /^([a-zA-Z]*)("""|'''|"|')/;

/** Reads a `String`, a `FormatString` or a `ContinuedString`. */
export function stringValue(node: PyNode, source: string): StringValue {
  const parts = node.type === "ContinuedString" ? node.children : [node];
  const pieces: Piece[] = [];
  let bytes = false;
  const say = (text: string): void => {
    const last = pieces.at(-1);
    if (last && "text" in last) pieces[pieces.length - 1] = { text: last.text + text };
    else if (text !== "") pieces.push({ text });
  };
  for (const part of parts) {
    const [head, prefix, quote] = QUOTED.exec(source.slice(part.from, part.from + 8)) ?? ["", "", ""];
    const flags = prefix.toLowerCase();
    const raw = flags.includes("r");
    bytes ||= flags.includes("b");
    const format = part.type === "FormatString";
    const close = source.endsWith(quote, part.to) && part.to - part.from > head.length ? quote.length : 0;
    let at = part.from + head.length;
    const until = (end: number): void => {
      const written = source.slice(at, end).replaceAll("\r\n", "\n");
      const plain = format ? written.replaceAll("{{", "{").replaceAll("}}", "}") : written;
      say(raw ? plain : unescaped(plain, flags.includes("b")));
    };
    for (const child of part.children) {
      if (child.type !== "FormatReplacement") continue;
      until(child.from);
      pieces.push({ node: child });
      at = child.to;
    }
    until(part.to - close);
  }
  return { pieces, bytes };
}

/** The text of a string that has no expressions in it and is no bytes. */
export function plainText(node: PyNode | undefined, source: string): string | undefined {
  if (!node || !isString(node)) return undefined;
  const { pieces, bytes } = stringValue(node, source);
  if (bytes || pieces.some((piece) => "node" in piece)) return undefined;
  return pieces.map((piece) => ("text" in piece ? piece.text : "")).join("");
}

/** Is it text or bytes? */
export function isString({ type }: PyNode): boolean {
  return type === "String" || type === "FormatString" || type === "ContinuedString";
}

const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Follows the backslashes of a string. What they do not change stays as it is, as in Python. */
function unescaped(written: string, bytes: boolean): string {
  if (!written.includes("\\")) return written;
  return written.replace(
    /\\(\n|[\\'"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/g,
    (all, escape: string) => {
      const simple = SIMPLE[escape];
      if (simple !== undefined) return simple;
      if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
      if (bytes && escape[0] !== "x") return all;
      const code = Number.parseInt(escape.slice(1), 16);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : all;
    },
  );
}

/** A number as one writes it: `1_000` is `1000`, `0XFF` is `255`, `1E5` is `100000.0`. */
export function numberText(written: string): string {
  const text = written.replaceAll("_", "").toLowerCase();
  if (/^0[xob]/.test(text)) return BigInt(text).toString();
  if (/^\d+$/.test(text)) return text.replace(/^0+(?=\d)/, "");
  if (text.endsWith("j")) return `${Number(text.slice(0, -1))}j`;
  const value = Number(text);
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** What a default says where it is a literal: text, a number, true, false, null, a list or a dict of them. */
export function literalValue(node: PyNode, source: string): { readonly value: unknown } | undefined {
  const text = source.slice(node.from, node.to);
  switch (node.type) {
    case "Number": {
      const number = numberText(text);
      if (number.endsWith("j")) return undefined;
      const value = Number(number);
      return number.includes(".") || number.includes("e") || Number.isSafeInteger(value) ? { value } : undefined;
    }
    case "Boolean":
      return { value: text === "True" };
    case "None":
      return { value: null };
    case "String":
    case "ContinuedString": {
      const value = plainText(node, source);
      return value === undefined ? undefined : { value };
    }
    case "ParenthesizedExpression":
      return node.children.length === 3 ? literalValue(node.children[1]!, source) : undefined;
    case "UnaryExpression": {
      const [sign, of] = node.children;
      const inner = of && literalValue(of, source);
      if (typeof inner?.value !== "number") return undefined;
      const by = source.slice(sign!.from, sign!.to);
      return by === "-" ? { value: -inner.value } : by === "+" ? inner : undefined;
    }
    case "ArrayExpression":
    case "TupleExpression":
      return listValue(node, source);
    case "DictionaryExpression":
      return dictValue(node, source);
    default:
      return undefined;
  }
}

const PUNCTUATION = new Set(["(", ")", "[", "]", "{", "}", ","]);

function listValue(node: PyNode, source: string): { readonly value: unknown } | undefined {
  const items = node.children.filter(({ type }) => !PUNCTUATION.has(type)).map((item) => literalValue(item, source));
  return items.every((item) => item !== undefined) ? { value: items.map((item) => item.value) } : undefined;
}

function dictValue(node: PyNode, source: string): { readonly value: unknown } | undefined {
  const parts = node.children.filter(({ type }) => !PUNCTUATION.has(type));
  const entries: [string, unknown][] = [];
  for (let i = 0; i < parts.length; i += 3) {
    const [key, colon, value] = [plainText(parts[i], source), parts[i + 1], parts[i + 2]];
    const read = value && literalValue(value, source);
    if (key === undefined || colon?.type !== ":" || !read) return undefined;
    entries.push([key, read.value]);
  }
  return { value: Object.fromEntries(entries) };
}

/** Is a float meant by a number? */
export function isFloat(node: PyNode, source: string): boolean {
  return [...descendants([node])].some(
    (one) => one.type === "Number" && /[.e]/.test(numberText(source.slice(one.from, one.to))),
  );
}
