import type { JobState, RunState } from "../../store/types.ts";
import type { Paint, Style } from "./terminal.ts";

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
export function markOf(state: JobState | RunState, paint: Paint): string {
  const { mark, style } = LOOKS[state];
  return paint(style, mark);
}

/** A word in the colour of a state: by default its name. */
export function wordOf(state: JobState | RunState, paint: Paint, word: string = state): string {
  return paint(LOOKS[state].style, word);
}
