import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError, newId } from "../../kernel/index.ts";
import type { PlanReport } from "./types.ts";

/** Raised when reports are written in another way, so that older ones are not read. */
const FORMAT = 1;

const fileIn = (storeDir: string): string => join(storeDir, "dry-run.json");

/**
 * Keeps the report of a dry run, in place of the one before it.
 *
 * @throws the error of the file system
 */
export function savePlan(storeDir: string, report: PlanReport): void {
  const path = fileIn(storeDir);
  const draft = `${path}.${newId()}`;
  mkdirSync(storeDir, { recursive: true });
  try {
    writeFileSync(draft, JSON.stringify({ format: FORMAT, report }));
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * The report of the last dry run.
 *
 * @throws LigaseError `LIGASE_E_NO_DRY_RUN` when there is none that can be read
 */
export function savedPlan(storeDir: string): PlanReport {
  const path = fileIn(storeDir);
  try {
    const { format, report } = JSON.parse(readFileSync(path, "utf8")) as { format: unknown; report: PlanReport };
    if (format === FORMAT) return report;
  } catch {
    // None, or one that somebody wrote by hand.
  }
  throw new LigaseError("LIGASE_E_NO_DRY_RUN", "there is no dry run to explain", {
    facts: { path },
    mend: "make one first: ligase run <file> <task> --dry-run",
  });
}
