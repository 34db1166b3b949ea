/** Is told how far a piece of work is, from 0 to 1. What it awaits, the work waits for: others get their turn. */
export type Report = (fraction: number) => Promise<void> | void;

/** How a part of the work fits into the whole: from one fraction of it to another. */
export function part(report: Report, from: number, to: number): Report {
  return (fraction) => report(from + fraction * (to - from));
}
