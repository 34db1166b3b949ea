import type { ActivityKind, ActivityReport } from "../../files/index.ts";
import { formatBytes } from "../../kernel/index.ts";
import { leftText } from "./progress.ts";

const VERBS: Readonly<Record<ActivityKind, string>> = {
  hash: "hashing",
  fetch: "fetching",
  stage: "copying inputs:",
  keep: "copying outputs:",
  publish: "publishing",
};

/** So long a rate must hold for what it promises to be said, in seconds. */
const FAR = 100 * 3600;

/** What goes on besides jobs, in one line: `hashing 3.2 GiB of 12 GiB, 1.7 GiB/s, ~6s left`. */
export function activityText({ kind, what, count, done, total, rate }: ActivityReport): string {
  const all = total === undefined ? "" : ` of ${formatBytes(total)}`;
  const amount = done === 0 && total === undefined ? "" : ` ${formatBytes(done)}${all}`;
  const from = kind !== "fetch" ? "" : what === undefined ? ` from ${count} places` : ` from ${what}`;
  const left = total === undefined || rate === 0 ? Infinity : (total - done) / rate;
  const pace = rate === 0 ? (kind === "fetch" ? "waiting" : undefined) : `${formatBytes(rate)}/s`;
  return [`${VERBS[kind]}${amount}${from}`, pace, left >= 1 && left < FAR && leftText(left * 1000)]
    .filter(Boolean)
    .join(", ");
}
