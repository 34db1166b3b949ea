import type { ReasonGroup, RunReasons } from "../../record/run-reasons.ts";
import type { Paint } from "../terminal/terminal.ts";
import { columns, columnsOf, sentence } from "../terminal/text.ts";

/** So many tasks are named. */
const MOST_NAMES = 6;

/** What a run did and why: a line for each task and reason, then how much was cached and failed. */
export function reasonLines({ ran, cached, failed }: RunReasons, paint: Paint, width: number): string[] {
  const groups = joined(ran);
  const heads = columns(
    groups.map(({ task, count }) => [`  ${paint("strong", task)}`, `×${count}`]),
    { right: [1], width },
  );
  const lines = groups.flatMap((group, i) => withReason(heads[i]!, textOf(group, paint), width));
  if (ran.length === 0) lines.push("  nothing ran");
  if (total(cached) > 0) {
    const told = sentence(`${total(cached)} cached: ${listed(cached)}`, "  ", width);
    lines.push(...told.map((line) => paint("dim", line)));
  }
  if (total(failed) > 0)
    lines.push(...sentence(`${paint("bad", `${total(failed)} failed`)}: ${listed(failed)}`, "  ", width));
  return lines;
}

function textOf({ reason, count, looked }: ReasonGroup & { readonly looked: number }, paint: Paint): string {
  if (reason === undefined) return paint("dim", "not looked at, there are so many");
  return looked < count ? `${reason}${paint("dim", ` (${looked} of them looked at)`)}` : reason;
}

/** The reason stands behind its task, or below it where there is no room. */
function withReason(head: string, reason: string, width: number): string[] {
  const line = `${head}  ${reason}`;
  return columnsOf(line) <= width ? [line] : [head, ...sentence(reason, "    ", width)];
}

/** Where all jobs of a task that were looked at ran for one reason, those that were too many will have done so too. */
function joined(ran: RunReasons["ran"]): readonly (ReasonGroup & { readonly looked: number })[] {
  return [...Map.groupBy(ran, ({ task }) => task).values()].flatMap((groups) => {
    const [first, second] = groups;
    const isOne = groups.length === 2 && first?.reason !== undefined && second?.reason === undefined;
    if (!first || !second || !isOne) return groups.map((group) => ({ ...group, looked: group.count }));
    return [{ ...first, count: first.count + second.count, looked: first.count }];
  });
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

function listed(counts: Readonly<Record<string, number>>): string {
  const each = Object.entries(counts).map(([task, count]) => (count === 1 ? task : `${task} ×${count}`));
  const rest = each.length - MOST_NAMES;
  return (rest > 0 ? [...each.slice(0, MOST_NAMES), `${rest} other tasks`] : each).join(", ");
}
