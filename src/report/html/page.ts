import { createHash } from "node:crypto";
import { VERSION } from "../../kernel/index.ts";
import { short } from "../../record/short.ts";
import type { Report } from "../report.ts";
import { codeSection } from "./code.ts";
import { costSection } from "./cost.ts";
import { environmentsSection } from "./environments.ts";
import { extremesSection } from "./extremes.ts";
import { failuresSection } from "./failures.ts";
import { filesSection } from "./files.ts";
import { graphSection } from "./graph.ts";
import { html, trusted } from "./html.ts";
import { methodsSection } from "./methods.ts";
import { parametersSection } from "./parameters.ts";
import { moment } from "./parts.ts";
import { resourcesSection } from "./resources.ts";
import { SCRIPT } from "./script.ts";
import { softwareSection } from "./software.ts";
import { STYLE } from "./style.ts";
import { head, summarySection } from "./summary.ts";
import { timelineSection } from "./timeline.ts";

/** The sections in the order in which people ask; some have nothing to say of some runs. */
const SECTIONS = [
  summarySection,
  failuresSection,
  graphSection,
  timelineSection,
  resourcesSection,
  extremesSection,
  filesSection,
  parametersSection,
  costSection,
  codeSection,
  environmentsSection,
  softwareSection,
  methodsSection,
];

/** Nothing is loaded from anywhere, and no other script runs than the one in the page. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** A report as one HTML file that needs nothing else. */
export function reportHtml(report: Report): string {
  const { summary, madeAt } = report;
  const sections = SECTIONS.flatMap((section) => section(report) ?? []);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="Ligase ${VERSION}" />
        <title>${summary.task}: run ${short(summary.id)}</title>
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the report</a>
        <div class="wrap">
          ${head(report)}
          <nav aria-label="Sections">
            <ol>
              ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ol>
          </nav>
          <main id="main">
            ${sections.map(
              ({ id, title, body }) =>
                html`<section id="${id}" aria-labelledby="${id}-title">
                  <h2 id="${id}-title">${title}</h2>
                  ${body}
                </section> `,
            )}
          </main>
          <footer>Made ${moment(madeAt)} by Ligase ${VERSION} of run ${summary.id}.</footer>
        </div>
        ${trusted(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `;
  return page.toString();
}
