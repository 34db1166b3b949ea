import { formatDuration } from "../../kernel/index.ts";

/** How long ago something was: `3m ago`; the date when it is more than a week. */
export function ago(time: number, now = Date.now()): string {
  const ms = Math.max(0, now - time);
  if (ms < 10_000) return "just now";
  if (ms < 7 * 86_400_000) return `${formatDuration(ms - (ms % 1000)).split(" ")[0]} ago`;
  return moment(time).slice(0, 10);
}

/** A moment in full, by the local clock. */
export function moment(time: number): string {
  return local(time).slice(0, 19).replace("T", " ");
}

/**
 * A moment as ISO 8601 writes it: by the local clock with its distance from UTC, or in UTC.
 *
 * @example
 * ```ts
 * isoTime(0, true); // "1970-01-01T00:00:00Z"
 * ```
 */
export function isoTime(time: number, utc: boolean): string {
  const distance = utc ? 0 : -new Date(time).getTimezoneOffset();
  if (distance === 0) return `${new Date(time).toISOString().slice(0, 19)}Z`;
  const [hours, minutes] = [Math.floor(Math.abs(distance) / 60), Math.abs(distance) % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${local(time).slice(0, 19)}${distance < 0 ? "-" : "+"}${hours}:${minutes}`;
}

function local(time: number): string {
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString();
}
