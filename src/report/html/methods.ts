import type { Report } from "../report.ts";
import { html } from "./html.ts";
import type { Section } from "./parts.ts";

/** The section with a paragraph for a paper. */
export function methodsSection({ methods: { text, references, caution } }: Report): Section {
  return {
    id: "methods",
    title: "Methods",
    body: html`<p class="note">
        A paragraph for a paper, made of what is recorded. Say in your own words what was done and why.
      </p>
      ${caution !== null && html`<p class="caution">${caution}</p>`}
      <div class="methods" data-copy>
        <p>${text}</p>
        <h3>References</h3>
        <ol>
          ${references.map((reference) => html`<li>${reference}</li> `)}
        </ol>
      </div>`,
  };
}
