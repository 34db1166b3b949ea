import { formatDuration } from "../../kernel/index.ts";

/** How long ago something was: `3m ago`, `yesterday`; the date when it is more than a week. */
export function ago(time: number, now = Date.now()): string {
  const ms = Math.max(0, now - time);
  if (ms < 10_000) return "just now";
  if (ms < 7 * 86_400_000) return `${formatDuration(ms - (ms % 1000)).split(" ")[0]} ago`;
  return new Date(time).toISOString().slice(0, 10);
}

/** A moment in full, by the local clock. */
export function moment(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace("T", " ");
}
