import type { JobState, RunState } from "../../store/types.ts";
import type { Style } from "./terminal.ts";

/** How each state looks. */
const LOOKS: Readonly<Record<JobState | RunState, { mark: string; style: Style }>> = {
  pending: { mark: "○", style: "dim" },
  running: { mark: "●", style: "accent" },
  done: { mark: "✓", style: "good" },
  cached: { mark: "↺", style: "dim" },
  failed: { mark: "✗", style: "bad" },
  cancelled: { mark: "–", style: "warn" },
  interrupted: { mark: "!", style: "warn" },
};

/** A state as a mark. */
export function markOf(state: JobState | RunState, paint: (style: Style, text: string) => string): string {
  const { mark, style } = LOOKS[state];
  return paint(style, mark);
}

/** A state as a word. */
export function wordOf(state: JobState | RunState, paint: (style: Style, text: string) => string): string {
  return paint(LOOKS[state].style, state);
}
