import type { Mount } from "../types.ts";

/**
 * A mount as a line of comma-separated values, as both clients read it: paths may hold commas, colons and quotes.
 *
 * @example
 * ```ts
 * mountFlag({ from: "/a,b", at: "/in", writable: false }); // type=bind,"source=/a,b",target=/in,readonly
 * ```
 */
export function mountFlag({ from, at, writable }: Mount): string {
  return ["type=bind", `source=${from}`, `target=${at}`, ...(writable ? [] : ["readonly"])].map(field).join(",");
}

function field(text: string): string {
  return /[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
