import { formatBytes } from "../../kernel/index.ts";
import type { Terminal } from "./terminal.ts";

/** How often the line is drawn anew, in milliseconds. */
const REDRAW_MS = 100;

/**
 * One line that says how far something is, where the screen can be redrawn: `unpacking 1.2 GiB`.
 *
 * @returns what to tell of more bytes, and what removes the line
 */
export function bytesSoFar(
  doing: string,
  { live, raw }: Terminal,
): { readonly add: (bytes: number) => void; readonly end: () => void } {
  let bytes = 0;
  let drawn = performance.now();
  let shown = false;
  return {
    add(more) {
      bytes += more;
      if (!live || performance.now() - drawn < REDRAW_MS) return;
      drawn = performance.now();
      shown = true;
      raw(`\r\u001B[K${doing} ${formatBytes(bytes)}`);
    },
    end() {
      if (shown) raw("\r\u001B[K");
      shown = false;
    },
  };
}
