import type { Report } from "../report.ts";
import { html } from "./html.ts";
import { type Section, table } from "./parts.ts";

/** The section with the parameters of the run. None where its task takes none. */
export function parametersSection({ parameters }: Report): Section | undefined {
  if (parameters.length === 0) return undefined;
  return {
    id: "parameters",
    title: "Parameters",
    body: table("Parameters", parameters, [
      { title: "Parameter", head: true, cell: ({ name }) => name },
      {
        title: "Value",
        cell: ({ value, isDefault }) =>
          html`<code class="value">${value}</code>${isDefault && html` <small>default</small>`}`,
      },
    ]),
  };
}
