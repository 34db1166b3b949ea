import { short } from "../../record/short.ts";
import type { FailureGroup } from "../failures.ts";
import type { Report } from "../report.ts";
import { html, type Html } from "./html.ts";
import { count, facts, number, type Section } from "./parts.ts";

/** The section with what failed. None where nothing did. */
export function failuresSection({ failures }: Report): Section | undefined {
  const { jobs, recovered, groups, rest, run } = failures;
  if (jobs === 0 && run === null) return undefined;
  return {
    id: "failures",
    title: "Failures",
    body: html`${run !== null && html`<p class="error">${run}</p>`}
    ${jobs > 0 && html`<p>${count(jobs, "job")} failed${recovered && "; the run went on without them, as its code says"}.</p>`}
    ${groups.map(card)}
    ${rest > 0 && html`<p class="quiet">${count(rest, "other failure")} of other kinds: <code>ligase log --failed</code> lists them.</p>`}`,
  };
}

/** The tasks on the way to a failure: of a long way its ends. */
const MOST_STEPS = 8;

function card(group: FailureGroup): Html {
  const { task, message, name, code, args, path, attempts, stderr, frames, causes, behind, workDir, job, jobs } = group;
  const [title = "", ...more] = message.split("\n");
  const own = code?.startsWith("LIGASE_E_") ?? false;
  const likely = causes.filter(({ told }) => !told);
  const mends = new Set(
    [group.mend, ...causes.map(({ mend }) => mend)].filter((mend) => mend !== null && mend !== undefined),
  );
  const steps = path.length > MOST_STEPS ? [...path.slice(0, MOST_STEPS - 3), "…", ...path.slice(-2)] : path;
  return html`<article class="card">
    <h3>${task}: ${!own && `${name}: `}${title}</h3>
    ${jobs > 1 && html`<p class="quiet">${number(jobs)} jobs failed so; this is one of them.</p>`}
    ${more.length > 0 && html`<pre>${more.join("\n")}</pre>`}
    ${facts([
      ["Likely cause", likely.map(({ says }) => html`<p>${says}</p>`)],
      ["Try", [...mends].map((mend) => html`<p>${mend}</p>`)],
      ["Way", path.length > 1 && steps.join(" → ")],
      ["Arguments", args && html`<code class="args">${args}</code>`],
      ["Attempts", attempts > 1 && String(attempts)],
      ["Behind it", behind],
      ["Work directory", workDir && html`<code>${workDir}</code>`],
      ["More", html`<code>ligase why ${short(job)}</code>`],
    ])}
    ${
      stderr.length > 0 &&
      html`<h4>Last lines of stderr</h4>
        <pre tabindex="0">${stderr.join("\n")}</pre>`
    }
    ${
      frames.length > 0 &&
      html`<h4>Where</h4>
        <pre tabindex="0">${frames.map((frame) => (isTraceback(frames) ? frame : `at ${frame}`)).join("\n")}</pre>`
    }
  </article>`;
}

/** Python names the places of its frames itself. */
function isTraceback(frames: readonly string[]): boolean {
  return frames.some((frame) => /^ *File ".*", line \d+/.test(frame));
}
