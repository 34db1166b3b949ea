import type { Run } from "../../engine/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { failureOf } from "../../record/failure.ts";
import { short } from "../../record/short.ts";
import type { Places } from "../../record/stored-value.ts";
import { failureCard } from "../reports/failure-card.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { STOPPED } from "./signals.ts";

/** So many failures have a card each; the rest are counted. */
const MOST_CARDS = 3;

/**
 * Shows what a run failed of, a card each.
 *
 * @returns the exit status: 1, or 130 when it was stopped
 * @throws what the run itself broke of: a full disk, say
 */
export async function reportFailure(run: Run, error: unknown, places: Places, terminal: Terminal): Promise<number> {
  if (error instanceof LigaseError && error.code === "LIGASE_E_CANCELLED") {
    terminal.note(`cancelled; run it again to go on from what has finished (ligase log ${short(run.id)})`);
    return STOPPED;
  }
  // The error that ended the run first: others may have been recovered from.
  const failures = run.failures.toSorted((a, b) => Number(b.cell.error === error) - Number(a.cell.error === error));
  let shown = 0;
  for (const { id } of failures.slice(0, MOST_CARDS)) {
    const row = await run.store.getJob(id);
    const failure = row && (await failureOf({ ...places, store: run.store }, row));
    if (!failure) continue;
    terminal.note("");
    const options = { paint: terminal.style, width: terminal.width, more: `ligase why ${short(id)}` };
    for (const line of await failureCard(failure, options)) terminal.note(line);
    shown++;
  }
  if (shown === 0) throw error;
  const rest = failures.length - shown;
  if (rest > 0)
    terminal.note(`\n… and ${rest} other ${rest === 1 ? "failure" : "failures"}: ligase log ${short(run.id)} --failed`);
  return 1;
}
