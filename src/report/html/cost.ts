import type { Cost } from "../cost.ts";
import type { Report } from "../report.ts";
import { html } from "./html.ts";
import { NOTHING, number, type Section, table } from "./parts.ts";

/** The section with what the run cost. Without prices it says how to set them. None where nothing ran outside. */
export function costSection({ cost }: Report): Section | undefined {
  const { total, executors } = cost;
  if (executors.length === 0) return undefined;
  const hours = (n: number): string =>
    n > 0 && n < 0.01 ? "<0.01" : n.toLocaleString("en", { maximumFractionDigits: 2 });
  return {
    id: "cost",
    title: "Cost",
    body: html`${
      total === null
        ? html`<p class="quiet">
            No executor has a price. In <code>ligase.config.ts</code>:
            <code>prices: { ${executors[0]!.executor}: { cpuHour: 0.04, memoryGiBHour: 0.005 } }</code>
          </p>`
        : html`<p>${amountText(total, cost)} for what jobs asked for, as long as they took.</p>`
    }
    ${table("Cost by executor", executors, [
      { title: "Executor", head: true, cell: ({ executor }) => executor },
      { title: "Attempts", number: ({ attempts }) => attempts, cell: ({ attempts }) => number(attempts) },
      { title: "Hours", number: (each) => each.hours, cell: (each) => hours(each.hours) },
      { title: "CPU hours", number: ({ cpuHours }) => cpuHours, cell: ({ cpuHours }) => hours(cpuHours) },
      {
        title: "GiB hours",
        number: ({ memoryGiBHours }) => memoryGiBHours,
        cell: ({ memoryGiBHours }) => hours(memoryGiBHours),
      },
      { title: "GPU hours", number: ({ gpuHours }) => gpuHours, cell: ({ gpuHours }) => hours(gpuHours) },
      {
        title: "Cost",
        number: ({ amount }) => amount,
        cell: ({ amount }) => (amount === null ? NOTHING : amountText(amount, cost)),
      },
    ])}`,
  };
}

/** An amount of money in the unit of the prices; small ones keep two digits that say something. */
export function amountText(amount: number, { currency }: Cost): string {
  const text =
    amount === 0 || amount >= 0.01
      ? amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })
      : amount.toLocaleString("en", { maximumSignificantDigits: 2 });
  return currency === null ? text : `${text} ${currency}`;
}
