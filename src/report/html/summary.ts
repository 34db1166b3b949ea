import { formatBytes, formatDuration } from "../../kernel/index.ts";
import type { JobState, RunState } from "../../store/types.ts";
import type { Report } from "../report.ts";
import type { Summary } from "../summary.ts";
import { amountText } from "./cost.ts";
import { type Content, html, type Html } from "./html.ts";
import { count, facts, moment, number, type Section } from "./parts.ts";

const MARKS: Readonly<Record<RunState, string>> = {
  done: "✓",
  failed: "✗",
  running: "●",
  cancelled: "–",
  interrupted: "!",
};

/** What needs attention first. */
const ORDER: readonly JobState[] = ["failed", "running", "pending", "cancelled", "done", "cached"];

/** The head of the page: the task, how the run ended, and when. */
export function head({ summary }: Report): Html {
  const { task, state, mode, durationMs, startedAt, user, host } = summary;
  return html`<header class="top">
    <p class="over">Ligase run report${mode !== "normal" && html` <span class="mode">${mode} run</span>`}</p>
    <h1>
      ${task} <span class="state ${state}"><span aria-hidden="true">${MARKS[state]}</span> ${state}</span>
    </h1>
    <p class="lead">${lead(state, formatDuration(durationMs))} Started ${moment(startedAt)} by ${user} on ${host}.</p>
  </header>`;
}

function lead(state: RunState, took: string): string {
  switch (state) {
    case "done":
      return `Finished in ${took}.`;
    case "failed":
      return `Failed after ${took}.`;
    case "cancelled":
      return `Cancelled after ${took}.`;
    case "interrupted":
      return `Interrupted: its process ended without a word, ${took} or more after it began.`;
    case "running":
      return `Still going on, ${took} after it began.`;
  }
}

/** The section with the figures of the run and what it was. */
export function summarySection({ summary, cost }: Report): Section {
  const { jobs, cpuMs, peakMemory, tags, gitCommit, gitDirty } = summary;
  const total = ORDER.reduce((sum, state) => sum + jobs[state], 0);
  const tile = (title: string, value: Content, note: Content = ""): Html =>
    html`<div class="tile">
      <dt>${title}</dt>
      <dd>${value}${note !== "" && html`<small>${note}</small>`}</dd>
    </div> `;
  return {
    id: "summary",
    title: "Summary",
    body: html`<dl class="tiles">
        ${tile("Jobs", number(total), total === 0 ? "nothing ran" : statesText(jobs))}
        ${tile("Time", formatDuration(summary.durationMs), summary.state === "running" ? "so far" : "from start to end")}
        ${cpuMs !== null && tile("Processor time", formatDuration(cpuMs), "of all processes")}
        ${peakMemory !== null && tile("Peak memory", formatBytes(peakMemory), "of one job")}
        ${sparedTile(summary, tile)} ${cost.total !== null && tile("Cost", amountText(cost.total, cost))}
      </dl>
      ${total > 0 && stateBar(jobs, total)}
      ${facts([
        ["Run", html`<code>${summary.id}</code>`],
        ["Command", summary.command && html`<code>${summary.command}</code>`],
        ["Folder", html`<code>${summary.folder}</code>`],
        ["Code", summary.entry && html`<code>${summary.entry}</code>`],
        ["Commit", gitCommit && html`<code>${gitCommit}</code>${gitDirty && ", with local changes"}`],
        ["Tags", Object.entries(tags).map(([key, value]) => html`<span class="tag">${key}=${value}</span> `)],
        ["Versions", `Ligase ${summary.ligaseVersion}, Node.js ${summary.nodeVersion}`],
      ])}`,
  };
}

function sparedTile({ spared }: Summary, tile: (title: string, value: Content, note: Content) => Html): Content {
  if (spared.jobs === 0) return false;
  const results = count(spared.jobs, "result");
  if (spared.wallMs === null)
    return tile("From the cache", number(spared.jobs), "results; how long they took is not recorded");
  return tile(
    "Spared by the cache",
    `${spared.estimated ? "about " : ""}${formatDuration(spared.wallMs)}`,
    `of work, ${results}`,
  );
}

function statesText(jobs: Summary["jobs"]): string {
  return ORDER.filter((state) => jobs[state] > 0)
    .map((state) => `${number(jobs[state])} ${state}`)
    .join(", ");
}

function stateBar(jobs: Summary["jobs"], total: number): Html {
  const parts = ORDER.filter((state) => jobs[state] > 0).map(
    // No state is so rare that it cannot be seen.
    (state) =>
      html`<i class="${state}" style="flex:${Math.max(jobs[state], total / 200)}" title="${jobs[state]} ${state}"></i>`,
  );
  return html`<div class="states" role="img" aria-label="${statesText(jobs)}">${parts}</div>`;
}
